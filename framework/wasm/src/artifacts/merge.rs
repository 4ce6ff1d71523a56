//! Merges data segments of a snapshot. A snapshot of a Go module has tens of thousands of them, and
//! each costs time in every instance; merged, they are a memory image of a few pieces.

use wasm_encoder::{ConstExpr, DataSection, RawSection, SectionId};
use wasmparser::{DataKind, DataSectionReader, Operator, Parser, Payload};

use super::error::ArtifactError;

/// The most zeros between two segments that are worth merging them.
const GAP: u64 = 4 << 10;

/// A range of memory and its initial content.
struct Segment {
    offset: u32,
    data: Vec<u8>,
}

/// The module with adjacent data segments merged, and unused passive ones removed. A module whose
/// code refers to segments, or whose segments overlap, is returned unchanged.
pub(super) fn merge_data(wasm: &[u8]) -> Result<Vec<u8>, ArtifactError> {
    let failed = |error: wasmparser::BinaryReaderError| ArtifactError::Module {
        stage: "merging the data segments",
        message: error.to_string(),
    };
    let mut segments = None;
    let mut merged = wasm_encoder::Module::new();
    // All sections are read first: if the code refers to a segment, nothing is changed.
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(failed)? {
            Payload::DataSection(section) => segments = collect(section).map_err(failed)?,
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().map_err(failed)? {
                    if let Operator::MemoryInit { .. } | Operator::DataDrop { .. } =
                        operator.map_err(failed)?
                    {
                        return Ok(wasm.to_vec());
                    }
                }
            }
            _ => {}
        }
    }
    let Some(segments) = segments else {
        return Ok(wasm.to_vec());
    };
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(failed)?;
        match payload {
            Payload::DataSection(_) => {
                let mut section = DataSection::new();
                for segment in &segments {
                    let offset = ConstExpr::i32_const(segment.offset.cast_signed());
                    section.active(0, &offset, segment.data.iter().copied());
                }
                merged.section(&section);
            }
            Payload::DataCountSection { .. } => {}
            payload => {
                if let Some((id, range)) = payload.as_section()
                    && id != u8::from(SectionId::DataCount)
                    && let Some(data) = wasm.get(range)
                {
                    merged.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(merged.finish())
}

/// The merged segments; `None` if merging would change the content of memory.
fn collect(
    section: DataSectionReader<'_>,
) -> Result<Option<Vec<Segment>>, wasmparser::BinaryReaderError> {
    let mut active: Vec<(u32, &[u8])> = Vec::new();
    for data in section {
        let data = data?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = data.kind
        else {
            match data.kind {
                DataKind::Passive => continue,
                DataKind::Active { .. } => return Ok(None),
            }
        };
        let mut offset = offset_expr.get_operators_reader();
        let Operator::I32Const { value } = offset.read()? else {
            return Ok(None);
        };
        let Operator::End = offset.read()? else {
            return Ok(None);
        };
        active.push((value.cast_unsigned(), data.data));
    }
    // Segments that do not overlap have no meaningful order, and Go's are not sorted.
    active.sort_by_key(|(offset, _)| *offset);
    let mut segments: Vec<Segment> = Vec::new();
    for (offset, data) in active {
        match segments.last_mut() {
            Some(last) => {
                let end = u64::from(last.offset) + last.data.len() as u64;
                let Some(gap) = u64::from(offset).checked_sub(end) else {
                    return Ok(None);
                };
                if gap <= GAP {
                    // `gap` is at most 4096, so the sum is a length of data that is already in
                    // memory.
                    last.data.resize(last.data.len() + gap as usize, 0);
                    last.data.extend_from_slice(data);
                } else {
                    segments.push(Segment {
                        offset,
                        data: data.to_vec(),
                    });
                }
            }
            None => segments.push(Segment {
                offset,
                data: data.to_vec(),
            }),
        }
    }
    Ok(Some(segments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wasm_encoder::{DataCountSection, MemorySection, MemoryType};

    const PAGE: usize = 65536;

    fn module(segments: &[(Option<u32>, Vec<u8>)]) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        module.section(&memories).section(&DataCountSection {
            count: segments.len() as u32,
        });
        let mut data = DataSection::new();
        for (offset, bytes) in segments {
            match offset {
                Some(offset) => {
                    data.active(
                        0,
                        &ConstExpr::i32_const(offset.cast_signed()),
                        bytes.iter().copied(),
                    );
                }
                None => {
                    data.passive(bytes.iter().copied());
                }
            }
        }
        module.section(&data);
        module.finish()
    }

    /// The initial content of memory, and the number of segments.
    fn memory(wasm: &[u8]) -> (Vec<u8>, usize) {
        wasmparser::validate(wasm).unwrap();
        let mut memory = vec![0; PAGE];
        let mut count = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::DataSection(section) = payload.unwrap() else {
                continue;
            };
            for data in section {
                let data = data.unwrap();
                count += 1;
                if let DataKind::Active { offset_expr, .. } = data.kind {
                    let Operator::I32Const { value } =
                        offset_expr.get_operators_reader().read().unwrap()
                    else {
                        unreachable!()
                    };
                    memory[value as usize..][..data.data.len()].copy_from_slice(data.data);
                }
            }
        }
        (memory, count)
    }

    #[test]
    fn adjacent_segments_become_one_and_distant_ones_stay() {
        let wasm = module(&[
            (Some(8), vec![1, 2]),
            (None, vec![]),
            (Some(20), vec![3]),
            (Some(21), vec![4]),
            (Some(30_000), vec![5]),
        ]);
        let merged = merge_data(&wasm).unwrap();
        assert_eq!(memory(&merged), (memory(&wasm).0, 2));
    }

    #[test]
    fn segments_that_are_not_in_order_become_one_too() {
        let wasm = module(&[
            (Some(20), vec![3]),
            (Some(8), vec![1, 2]),
            (Some(21), vec![4]),
        ]);
        let merged = merge_data(&wasm).unwrap();
        assert_eq!(memory(&merged), (memory(&wasm).0, 1));
    }

    #[test]
    fn segments_that_overwrite_one_another_stay_as_they_are() {
        let wasm = module(&[(Some(8), vec![1, 2, 3]), (Some(9), vec![9])]);
        assert_eq!(merge_data(&wasm).unwrap(), wasm);
    }

    #[test]
    fn what_is_not_wasm_is_an_error() {
        assert!(merge_data(b"\0asm\x01\0\0\0\x0b\xff\xff").is_err());
    }

    proptest! {
        #[test]
        fn memory_holds_the_same_before_and_after(
            segments in prop::collection::vec(
                (prop::option::of(0u32..60_000), prop::collection::vec(any::<u8>(), 0..40)), 0..30
            ),
            sorted: bool,
        ) {
            let mut segments = segments;
            if sorted {
                segments.sort();
            }
            let wasm = module(&segments);
            let merged = merge_data(&wasm).unwrap();
            prop_assert_eq!(memory(&merged).0, memory(&wasm).0);
        }
    }
}

//! What a text is made of for a search: chunks between spaces, and in them atoms of letters or of
//! digits. `KT-INS114` is one chunk of the atoms `kt`, `ins` and `114`; the index has them alone
//! and joined, so that a number is found however its reader writes it.
//!
//! Scripts that put no spaces between words become pairs of neighbouring characters: a row of such
//! pairs is in the index exactly where the characters stand beside each other in the text.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};

use super::fold::{fold, script};

/// Longest term, in characters: what comes behind is not compared.
pub(super) const MAX_TERM: usize = 64;

/// Atoms of a chunk that the index has joined in every way; of a longer one it has pairs.
const JOINED: usize = 8;

/// Characters that are part of a term besides letters, digits and signs. The table of the index
/// names them too.
const SIGNS: [char; 2] = ['+', '#'];

/// What an atom is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Letters,
    Digits,
    /// A script without spaces between words.
    Run,
    /// A pictogram.
    Symbol,
}

/// Neighbouring characters of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    pub text: String,
    pub kind: Kind,
}

impl Atom {
    /// Letters or digits, which join with their neighbours.
    pub fn joins(&self) -> bool {
        matches!(self.kind, Kind::Letters | Kind::Digits)
    }

    /// Letters that are a word by themselves, also beside digits when `is_number`.
    pub fn is_word(&self, is_number: bool) -> bool {
        let least = if is_number { 5 } else { 3 };
        self.kind == Kind::Letters && self.text.chars().nth(least - 1).is_some()
    }
}

/// What stands between two spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub atoms: Vec<Atom>,
    /// The whole with a sign that belongs to its name: `c++`, `c#`, `.net`.
    pub signed: Option<String>,
}

/// The chunks of a text, which is folded here; those without an atom are left out.
pub(super) fn chunks(text: &str) -> Vec<Chunk> {
    fold(text)
        .split_whitespace()
        .map(chunk)
        .filter(|chunk| !chunk.atoms.is_empty())
        .collect()
}

fn chunk(folded: &str) -> Chunk {
    let mut atoms: Vec<Atom> = Vec::new();
    let mut open = false;
    for letter in folded.chars() {
        let kind = match kind(letter) {
            Some(kind) => kind,
            // A mark belongs to what it stands on.
            None if open && is_mark(letter) => match atoms.last() {
                Some(atom) => atom.kind,
                None => continue,
            },
            None => {
                open = false;
                continue;
            }
        };
        match atoms.last_mut() {
            Some(atom) if open && atom.kind == kind && kind != Kind::Symbol => {
                atom.text.push(letter);
            }
            _ => atoms.push(Atom {
                text: letter.into(),
                kind,
            }),
        }
        open = true;
    }
    for atom in &mut atoms {
        if let Some((end, _)) = atom.text.char_indices().nth(MAX_TERM) {
            atom.text.truncate(end);
        }
    }
    let signed = signed(folded, &atoms);
    Chunk { atoms, signed }
}

/// The chunk's name with its sign.
fn signed(folded: &str, atoms: &[Atom]) -> Option<String> {
    let [only] = atoms else {
        return None;
    };
    let (before, after) = folded.split_once(only.text.as_str())?;
    let sign: String = after
        .chars()
        .take_while(|sign| SIGNS.contains(sign))
        .collect();
    match (before.ends_with('.'), sign.is_empty()) {
        (true, _) if only.kind == Kind::Letters => Some(format!(".{}", only.text)),
        (_, false) if only.joins() && sign.len() <= 2 => Some(format!("{}{sign}", only.text)),
        _ => None,
    }
}

fn is_mark(letter: char) -> bool {
    !letter.is_ascii()
        && GeneralCategoryGroup::Mark
            .contains(CodePointMapData::<GeneralCategory>::new().get(letter))
}

fn kind(letter: char) -> Option<Kind> {
    match letter {
        'a'..='z' | 'A'..='Z' => return Some(Kind::Letters),
        '0'..='9' => return Some(Kind::Digits),
        'ー' => return Some(Kind::Run),
        letter if letter.is_ascii() => return None,
        _ => {}
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(letter);
    if category == GeneralCategory::DecimalNumber {
        Some(Kind::Digits)
    } else if category == GeneralCategory::OtherSymbol && letter >= '\u{2190}' {
        Some(Kind::Symbol)
    } else if GeneralCategoryGroup::Letter.contains(category)
        || GeneralCategoryGroup::Number.contains(category)
    {
        Some(match is_unspaced(letter) {
            true => Kind::Run,
            false => Kind::Letters,
        })
    } else {
        None
    }
}

/// Whether words of the letter's script stand side by side without a space, or (Hangul) are joined
/// from others so freely that readers look for parts of them.
fn is_unspaced(letter: char) -> bool {
    matches!(
        script(letter),
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
            | Script::Hangul
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar
    )
}

/// Pairs of neighbouring characters; the whole where there is no pair.
pub(super) fn pairs(run: &str) -> Vec<&str> {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).collect();
    if starts.len() < 2 {
        return vec![run];
    }
    let ends = starts.iter().skip(2).copied().chain([run.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| run.get(*start..end))
        .collect()
}

/// Texts of neighbouring atoms as one, from the first to the last; `None` where it is too long.
pub(super) fn joined(atoms: &[Atom]) -> Option<String> {
    let text: String = atoms.iter().map(|atom| atom.text.as_str()).collect();
    (text.chars().count() <= MAX_TERM).then_some(text)
}

/// A long number as every scanner reads it: a barcode of 12 digits is one of 13 with a zero in
/// front.
pub(super) fn without_zeros(term: &str) -> Option<&str> {
    let short = term.trim_start_matches('0');
    let is_number = term.len() >= 8 && term.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && short.len() < term.len() && !short.is_empty()).then_some(short)
}

/// Appends the terms of a text to a column of the index, with spaces between them.
pub(super) fn write(column: &mut String, text: &str) {
    let mut put = |term: &str| {
        if !column.is_empty() {
            column.push(' ');
        }
        column.push_str(term);
    };
    for Chunk { atoms, signed } in chunks(text) {
        // First all atoms in their order, since words of a phrase are looked for side by side.
        for atom in &atoms {
            match atom.kind {
                Kind::Run => {
                    let pairs = pairs(&atom.text);
                    for pair in &pairs {
                        put(pair);
                    }
                    // A single character is found as the beginning of a pair: the last begins none.
                    if let (true, Some((last, _))) = (
                        atom.text.chars().nth(1).is_some(),
                        atom.text.char_indices().next_back(),
                    ) {
                        put(&atom.text[last..]);
                    }
                }
                _ => put(&atom.text),
            }
        }
        for row in atoms.split(|atom| !atom.joins()) {
            let most = if row.len() > JOINED { 2 } else { row.len() };
            for length in 2..=most {
                for part in row.windows(length) {
                    if let Some(term) = joined(part) {
                        put(&term);
                        if let Some(short) = without_zeros(&term) {
                            put(short);
                        }
                    }
                }
            }
            for atom in row {
                if let Some(short) = without_zeros(&atom.text) {
                    put(short);
                }
            }
        }
        if let Some(signed) = signed {
            put(&signed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(text: &str) -> String {
        let mut column = String::new();
        write(&mut column, text);
        column
    }

    #[test]
    fn a_number_is_there_in_all_its_parts() {
        assert_eq!(terms("16-07"), "16 07 1607");
        assert_eq!(terms("301XL"), "301 xl 301xl");
        assert_eq!(terms("M8×4"), "m 8 x 4 m8 8x x4 m8x 8x4 m8x4");
        assert_eq!(terms("T-Shirt, L'Oréal"), "t shirt tshirt l oreal loreal");
        assert_eq!(terms("0036000291452"), "0036000291452 36000291452");
    }

    #[test]
    fn signs_belong_to_some_names() {
        assert_eq!(terms("C++ & .NET (C#)"), "c c++ net .net c c#");
        assert_eq!(terms("end. a+b"), "end a b ab");
    }

    #[test]
    fn a_run_becomes_pairs() {
        assert_eq!(
            terms("陶瓷茶杯 茶 A4用紙"),
            "陶瓷 瓷茶 茶杯 杯 茶 a 4 用紙 紙 a4"
        );
        assert_eq!(terms("ชา🌱"), "ชา า 🌱");
        assert_eq!(terms("हरी चाय"), "हरी चाय");
    }

    proptest! {
        #[test]
        fn terms_hold_nothing_of_the_query_language(text in "\\PC{0,60}") {
            for letter in terms(&text).chars() {
                prop_assert!(
                    letter == ' ' || letter == '.' || SIGNS.contains(&letter)
                        || !letter.is_ascii() || letter.is_ascii_alphanumeric(),
                    "{letter:?}"
                );
            }
        }

        #[test]
        fn long_chunks_stay_short(text in "[a-z0-9]{0,300}") {
            // Of eight atoms, the most that are joined in every way, one in the middle is in 4 * 5
            // of the 36 terms.
            prop_assert!(terms(&text).len() <= 20 * text.len() + 36);
        }
    }
}

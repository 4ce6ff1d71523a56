//! Renders a batch: one call into one fresh instance. After a failure the finished islands are
//! kept, the failed one is given up, and the rest is rendered in a new instance.

use std::time::{Duration, Instant};

use super::breakdown::Breakdown;
use super::host::Host;
use super::instance::{self, End};
use super::outcome::{Batch, Cause, Failed, IslandCall, IslandDone, IslandOutcome, Rendered};
use crate::engine::{Circuits, Places};
use crate::error::GuestError;
use crate::text::sanitise;
use crate::value::{self, MAX_MESSAGE, Value, ValueError};

/// The seeds of the two renders in development.
const SEEDS: [i64; 2] = [1, 2];

impl Host {
    /// Renders the islands of a batch. A failure affects one island only; an error means that the
    /// batch cannot be rendered at all.
    pub async fn render(&self, batch: &Batch) -> Result<Rendered, GuestError> {
        self.render_for(batch, &batch.stores).await
    }

    /// The same with these stores instead of the batch's own: one cached batch serves many
    /// visitors.
    pub async fn render_for(&self, batch: &Batch, stores: &Value) -> Result<Rendered, GuestError> {
        let limit = self.0.limits.islands;
        if batch.islands.len() > limit {
            return Err(GuestError::TooManyIslands {
                found: batch.islands.len(),
                limit,
            });
        }
        let _instance = self.permit().await?;
        let [first, second] = SEEDS;
        let mut rendered = self
            .render_seeded(batch, stores, self.0.dev.then_some(first))
            .await?;
        for outcome in &rendered.islands {
            if let IslandOutcome::Failed(failed) = outcome {
                self.0.failures.write(failed);
            }
        }
        if self.0.dev {
            rendered.dev = true;
            let again = self.render_seeded(batch, stores, Some(second)).await?;
            rendered.unstable = unstable(batch, &rendered, &again);
        }
        Ok(rendered)
    }

    async fn render_seeded(
        &self,
        batch: &Batch,
        stores: &Value,
        seed: Option<i64>,
    ) -> Result<Rendered, GuestError> {
        let deadline = Instant::now() + self.0.limits.wall();
        let mut work = Work::new(batch, stores, self.0.limits.html_bytes);
        if !self.0.circuits.are_on() {
            work.leave_out(&self.0.circuits);
        }
        let mut input = self.buffer();
        loop {
            input.clear();
            let sent = work.encode(&mut input, seed)?;
            if sent.is_empty() {
                break;
            }
            let module = &self.0.module;
            let state = self.state();
            let read = |end: End<'_>| work.take(&sent, end, &self.0.places);
            let end = instance::render(
                &module.new,
                &module.exports,
                module.frame,
                state,
                &input,
                deadline,
                read,
            )
            .await;
            match end.map_err(GuestError::Engine)? {
                None => break,
                Some(Cause::Wall) => {
                    work.give_up(Cause::Wall);
                    break;
                }
                Some(_) if work.restarts >= self.0.limits.restarts => {
                    work.give_up(Cause::GivenUp);
                    break;
                }
                Some(_) => work.restarts += 1,
            }
        }
        self.keep_buffer(input);
        let (rendered, wasted) = work.finish();
        self.switch(batch, &rendered, &wasted);
        Ok(rendered)
    }

    /// Switches off components that wasted too much processor time, and on again those that
    /// rendered.
    fn switch(&self, batch: &Batch, rendered: &Rendered, wasted: &[(usize, Duration)]) {
        let circuits = &self.0.circuits;
        for (index, computed) in wasted {
            if let Some(call) = batch.islands.get(*index)
                && let Some(rest) = circuits.failed(&call.component, *computed)
            {
                tracing::warn!(
                    component = sanitise(&call.component),
                    seconds = rest.as_secs_f64(),
                    "a component exceeded its processor time repeatedly (limits.cpu_ms): it shows \
                     its fallback, and is tried again after this many seconds (limits.rest_ms)"
                );
            }
        }
        if !circuits.are_on() {
            for (call, outcome) in batch.islands.iter().zip(&rendered.islands) {
                if let IslandOutcome::Done(_) = outcome {
                    circuits.succeeded(&call.component);
                }
            }
        }
    }
}

/// The state of a batch being rendered.
struct Work<'a> {
    batch: &'a Batch,
    stores: &'a Value,
    html: String,
    limit: usize,
    outcomes: Vec<Option<IslandOutcome>>,
    restarts: u32,
    /// Islands that failed, with the processor time used for them.
    wasted: Vec<(usize, Duration)>,
}

impl<'a> Work<'a> {
    fn new(batch: &'a Batch, stores: &'a Value, limit: usize) -> Self {
        Work {
            batch,
            stores,
            html: String::new(),
            limit,
            outcomes: vec![None; batch.islands.len()],
            restarts: 0,
            wasted: Vec::new(),
        }
    }

    /// Gives up the components that are switched off.
    fn leave_out(&mut self, circuits: &Circuits) {
        for (outcome, call) in self.outcomes.iter_mut().zip(&self.batch.islands) {
            if !circuits.admits(&call.component) {
                let message = "it exceeded its processor time repeatedly";
                *outcome = Some(failed(call, Cause::SwitchedOff, message));
            }
        }
    }

    /// Encodes the input for all islands without an outcome, and returns their indices.
    fn encode(&mut self, out: &mut Vec<u8>, seed: Option<i64>) -> Result<Vec<usize>, GuestError> {
        let batch = self.batch;
        let mut sent = Vec::with_capacity(batch.islands.len());
        let input = value::open_record(out);
        value::write_key(out, "ctx")?;
        write_context(out, &batch.ctx, seed)?;
        if *self.stores != Value::Null {
            value::write_key(out, "stores")?;
            self.stores.write(out, 1)?;
        }
        value::write_key(out, "islands")?;
        let list = value::open_list(out);
        for (index, (call, outcome)) in batch.islands.iter().zip(&mut self.outcomes).enumerate() {
            if outcome.is_some() {
                continue;
            }
            let start = out.len();
            match write_island(out, call) {
                Ok(()) => sent.push(index),
                Err(error) => {
                    out.truncate(start);
                    *outcome = Some(failed(call, Cause::Refused, &error.to_string()));
                }
            }
        }
        value::close(out, list)?;
        value::close(out, input)?;
        if out.len() > MAX_MESSAGE {
            return Err(ValueError::TooLarge.into());
        }
        Ok(sent)
    }

    /// Takes what an instance has finished; returns the cause if it did not finish all.
    fn take(&mut self, sent: &[usize], end: End<'_>, places: &Places) -> Option<Cause> {
        let (culprit, problem) = match self.take_finished(sent, &end) {
            Ok(finished) if finished == sent.len() => return None,
            Ok(finished) => {
                let problem = format!(
                    "the guest answered after {finished} of {} islands",
                    sent.len()
                );
                (finished, problem)
            }
            Err(problem) => (0, problem.to_owned()),
        };
        let (cause, breakdown) = end.failure.unwrap_or_else(|| {
            let reason = Some(problem);
            let breakdown = Breakdown {
                reason,
                ..Breakdown::default()
            };
            (Cause::InvalidOutput, breakdown)
        });
        if let Some(index) = sent.get(culprit)
            && let Some(call) = self.batch.islands.get(*index)
        {
            self.wasted.push((*index, end.computed));
            let describe = |what| breakdown.describe(what, &call.component, &call.props, places);
            let message = match cause {
                Cause::Trap => describe("panic in"),
                Cause::Cpu => describe("computing without end in"),
                _ => breakdown.message(),
            };
            self.fail(*index, cause, &message);
        }
        Some(cause)
    }

    /// Takes the finished islands and returns their number. An error if the frame is invalid.
    fn take_finished(&mut self, sent: &[usize], end: &End<'_>) -> Result<usize, &'static str> {
        let frame = end.frame.ok_or("the frame is outside of memory")?;
        let finished = usize::try_from(frame.finished).unwrap_or(usize::MAX);
        let Some(finished_islands) = sent.get(..finished) else {
            return Err("the frame counts more islands than were asked for");
        };
        if finished == 0 {
            return Ok(0);
        }
        let output = frame
            .output(end.memory)
            .ok_or("the output is outside of memory")?;
        if self.html.is_empty() {
            self.html.reserve(output.len().min(self.limit));
        }
        let mut previous = 0;
        for (at, index) in finished_islands.iter().enumerate() {
            let result = frame
                .result(end.memory, at)
                .ok_or("the results are outside of memory")?;
            let start = result.start as usize;
            let html = start
                .checked_add(result.length as usize)
                .and_then(|end| output.get(start..end));
            let slot = result.slot.map(|slot| (slot as usize).checked_sub(start));
            let (Some(html), true, true) = (
                html,
                start >= previous,
                slot.is_none_or(|slot| slot.is_some_and(|slot| slot <= result.length as usize)),
            ) else {
                self.fail(
                    *index,
                    Cause::InvalidOutput,
                    "the result names HTML that is not in the output",
                );
                continue;
            };
            previous = start + html.len();
            let from = self.html.len();
            match self.append(html, slot.flatten()) {
                Some(slot) => {
                    let done = IslandDone {
                        html: from..self.html.len(),
                        digest: result.digest,
                        slot,
                        interactive: result.interactive,
                        reads: result.reads,
                    };
                    if let Some(outcome) = self.outcomes.get_mut(*index) {
                        *outcome = Some(IslandOutcome::Done(done));
                    }
                }
                None => {
                    let message = format!(
                        "{} bytes of HTML, and {} in all are allowed",
                        html.len(),
                        self.limit
                    );
                    self.fail(*index, Cause::Output, &message);
                }
            }
        }
        Ok(finished)
    }

    /// Appends HTML as text, and returns the offset of its slot. `None` if it exceeds the limit.
    fn append(&mut self, html: &[u8], slot: Option<usize>) -> Option<Option<usize>> {
        // Each part separately, so that the slot's offset is right even when bytes were replaced.
        let (before, after) = slot
            .and_then(|slot| html.split_at_checked(slot))
            .unwrap_or((html, &[]));
        let (before, after) = (value::text(before), value::text(after));
        if self.html.len() + before.len() + after.len() > self.limit {
            return None;
        }
        self.html.push_str(&before);
        let slot = slot.map(|_| self.html.len());
        self.html.push_str(&after);
        Some(slot)
    }

    fn fail(&mut self, index: usize, cause: Cause, message: &str) {
        if let (Some(outcome), Some(call)) =
            (self.outcomes.get_mut(index), self.batch.islands.get(index))
        {
            *outcome = Some(failed(call, cause, message));
        }
    }

    fn give_up(&mut self, cause: Cause) {
        for (outcome, call) in self.outcomes.iter_mut().zip(&self.batch.islands) {
            outcome.get_or_insert_with(|| failed(call, cause, "not rendered any more"));
        }
    }

    fn finish(mut self) -> (Rendered, Vec<(usize, Duration)>) {
        self.give_up(Cause::GivenUp);
        let rendered = Rendered {
            html: self.html,
            islands: self.outcomes.into_iter().flatten().collect(),
            restarts: self.restarts,
            unstable: Vec::new(),
            dev: false,
        };
        (rendered, self.wasted)
    }
}

fn failed(call: &IslandCall, cause: Cause, message: &str) -> IslandOutcome {
    IslandOutcome::Failed(Failed {
        component: call.component.clone(),
        id: call.id.clone(),
        cause,
        message: sanitise(message),
    })
}

/// Encodes the context, with a seed of the host if there is one.
fn write_context(out: &mut Vec<u8>, context: &Value, seed: Option<i64>) -> Result<(), ValueError> {
    let (Some(entries), Some(seed)) = (context.as_record(), seed) else {
        return context.write(out, 1);
    };
    let record = value::open_record(out);
    value::write_key(out, "seed")?;
    value::write_int(out, seed);
    for (key, value) in entries {
        value::write_key(out, key)?;
        value.write(out, 2)?;
    }
    value::close(out, record)
}

fn write_island(out: &mut Vec<u8>, call: &IslandCall) -> Result<(), ValueError> {
    let island = value::open_record(out);
    for (key, text) in [
        ("c", &call.component),
        ("id", &call.id),
        ("h", &call.hydrate),
    ] {
        value::write_key(out, key)?;
        value::write_text(out, text)?;
    }
    value::write_key(out, "p")?;
    call.props.write(out, 3)?;
    value::close(out, island)
}

/// The islands whose bytes differ between two renders.
fn unstable(batch: &Batch, first: &Rendered, second: &Rendered) -> Vec<usize> {
    let mut unstable = Vec::new();
    for (index, call) in batch.islands.iter().enumerate() {
        if let (Some(first), Some(second)) = (first.island(index), second.island(index))
            && first != second
        {
            let at = first
                .bytes()
                .zip(second.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            tracing::warn!(
                component = sanitise(&call.component),
                id = sanitise(&call.id),
                byte = at,
                first = around(first, at),
                second = around(second, at),
                "the component renders the same input differently: the order of a map, time or \
                 chance shows in its HTML"
            );
            unstable.push(index);
        }
    }
    unstable
}

fn around(html: &str, at: usize) -> String {
    let start = html.floor_char_boundary(at.saturating_sub(20));
    let end = html.floor_char_boundary((at + 40).min(html.len()));
    sanitise(html.get(start..end).unwrap_or_default())
}

//! The thread of a filter: it owns the instance, answers queries one after another, and makes a new
//! instance after a failure.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::changes::Changes;
use super::error::FilterError;
use super::image::Image;
use super::instance::FilterInstance;
use super::module::FilterModule;
use super::query::{Answer, Change, Query};
use super::wire;
use crate::digest::keyed_digest;

/// Queries that ended an instance and are refused from then on, the most recent ones.
const REFUSED: usize = 256;
/// A new instance is made so many times less often than the last one took to make, so that most of
/// the time goes into queries, whatever is asked.
const REST: u32 = 9;

/// What the thread is asked for, and where the result goes.
pub(super) enum Task {
    Query(Box<Query>, oneshot::Sender<Result<Answer, FilterError>>),
    Apply(Vec<Change>, oneshot::Sender<Result<(), FilterError>>),
    Replace(Arc<Image>, Box<FilterInstance>),
}

/// What the thread has.
pub(super) struct Worker {
    module: Arc<FilterModule>,
    image: Arc<Image>,
    instance: Option<Box<FilterInstance>>,
    changes: Changes,
    /// Digests of queries that ended an instance.
    refused: VecDeque<u128>,
    /// When another instance may be made.
    rested: Instant,
}

impl Worker {
    pub fn new(
        module: Arc<FilterModule>,
        image: Arc<Image>,
        instance: Box<FilterInstance>,
    ) -> Worker {
        Worker {
            module,
            image,
            instance: Some(instance),
            changes: Changes::default(),
            refused: VecDeque::new(),
            rested: Instant::now(),
        }
    }

    /// Works until nobody can ask any more.
    pub fn run(mut self, mut tasks: mpsc::Receiver<Task>) {
        while let Some(task) = tasks.blocking_recv() {
            match task {
                // Nobody waits for the answer any more.
                Task::Query(_, reply) if reply.is_closed() => {}
                Task::Query(query, reply) => {
                    let _ = reply.send(self.query(&query));
                }
                Task::Apply(changes, reply) => {
                    let _ = reply.send(self.apply(changes));
                }
                Task::Replace(image, instance) => {
                    let module = Arc::clone(&self.module);
                    self = Worker::new(module, image, instance);
                }
            }
        }
    }

    fn query(&mut self, query: &Query) -> Result<Answer, FilterError> {
        self.image.shape().check(query)?;
        let message = wire::query(query);
        let digest = (!self.refused.is_empty()).then(|| keyed_digest(&message));
        if digest.is_some_and(|digest| self.refused.contains(&digest)) {
            return Err(FilterError::FailedBefore);
        }
        let answer = self.instance()?.query(&message).inspect_err(|error| {
            tracing::warn!(%error, "a query ended the filter's instance, which is made anew");
        });
        let answer = answer.inspect_err(|_| {
            self.instance = None;
            self.refused.truncate(REFUSED - 1);
            self.refused.push_front(keyed_digest(&message));
        })?;
        wire::answer(&answer, query).ok_or(FilterError::Answer)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<(), FilterError> {
        for change in &changes {
            self.image.shape().check_change(change)?;
        }
        let message = wire::changes(&changes, &self.image);
        changes
            .into_iter()
            .for_each(|change| self.changes.add(change));
        // An instance that is made later gets them then.
        if let Some(instance) = &mut self.instance {
            instance
                .change(&message)
                .inspect_err(|_| self.instance = None)?;
        }
        Ok(())
    }

    /// The instance, made anew if there is none.
    fn instance(&mut self) -> Result<&mut FilterInstance, FilterError> {
        if self.instance.is_none() {
            if Instant::now() < self.rested {
                return Err(FilterError::Restarting);
            }
            let began = Instant::now();
            let made = self.make();
            let took: Duration = began.elapsed();
            self.rested = Instant::now() + took * REST;
            self.instance = Some(Box::new(made?));
        }
        self.instance.as_deref_mut().ok_or(FilterError::Restarting)
    }

    fn make(&self) -> Result<FilterInstance, FilterError> {
        let mut instance = FilterInstance::new(&self.module, &self.image)?;
        instance.change(&wire::changes(&self.changes.all(), &self.image))?;
        Ok(instance)
    }
}

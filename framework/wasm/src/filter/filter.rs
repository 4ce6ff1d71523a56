//! A filter: what programs hold of the thread with the instance.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::error::FilterError;
use super::image::Image;
use super::instance::FilterInstance;
use super::module::FilterModule;
use super::query::{Answer, Change, Query};
use super::setup::FilterSetup;
use super::worker::{Task, Worker};
use crate::artifacts::ArtifactError;
use crate::error::GuestError;
use crate::variant::Variant;

/// Queries that wait for their turn; further ones wait to be let in.
const WAITING: usize = 1024;

/// A module with the columns in its memory, on a thread of its own, which ends with the last clone.
/// An instance lives as long as its image, unlike those of other modules: it sees no visitor's
/// data, and after a failure a new one takes its place.
///
/// ```no_run
/// use std::sync::Arc;
/// use protium_wasm::filter::{Columns, Filter, FilterSetup, Image, Query};
///
/// # async fn example(columns: Columns) -> Result<(), Box<dyn std::error::Error>> {
/// let image = Arc::new(Image::new(&columns)?);
/// let filter = Filter::open(FilterSetup::new("components-go", "artifacts"), image).await?;
/// let page = filter.query(Query { take: 24, ..Query::default() }).await?;
/// println!("{} products, first {:?}", page.total, page.groups);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Filter {
    module: Arc<FilterModule>,
    tasks: mpsc::Sender<Task>,
}

impl Filter {
    /// Finds or builds the module, and loads the image. Slow work is done on blocking threads.
    pub async fn open(setup: FilterSetup, image: Arc<Image>) -> Result<Filter, FilterError> {
        let opened = move || {
            let module = Arc::new(FilterModule::find(&setup)?);
            let instance = Box::new(FilterInstance::new(&module, &image)?);
            let worker = Worker::new(Arc::clone(&module), image, instance);
            let (tasks, received) = mpsc::channel(WAITING);
            let thread = std::thread::Builder::new().name("protium-filter".to_owned());
            let thread = thread.spawn(move || worker.run(received));
            thread.map_err(|error| GuestError::Engine(wasmtime::Error::new(error)))?;
            Ok(Filter { module, tasks })
        };
        blocking(opened).await
    }

    /// The answer to a query: what [`Columns::scan`](super::Columns::scan) says of the columns.
    pub async fn query(&self, query: Query) -> Result<Answer, FilterError> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::Query(Box::new(query), reply)).await?;
        answer.await.map_err(|_| FilterError::Closed)?
    }

    /// Makes changes, all of them or, if one of them is invalid, none. They last until
    /// [`Filter::replace`].
    pub async fn apply(&self, changes: Vec<Change>) -> Result<(), FilterError> {
        let (reply, done) = oneshot::channel();
        self.send(Task::Apply(changes, reply)).await?;
        done.await.map_err(|_| FilterError::Closed)?
    }

    /// Replaces the columns, and with them all changes. Meanwhile queries are answered from those
    /// before.
    pub async fn replace(&self, image: Arc<Image>) -> Result<(), FilterError> {
        let module = Arc::clone(&self.module);
        let made = move || {
            let instance = FilterInstance::new(&module, &image)?;
            Ok((image, Box::new(instance)))
        };
        let (image, instance) = blocking(made).await?;
        self.send(Task::Replace(image, instance)).await
    }

    /// What the module was built for.
    pub fn variant(&self) -> Variant {
        self.module.variant
    }

    async fn send(&self, task: Task) -> Result<(), FilterError> {
        self.tasks.send(task).await.map_err(|_| FilterError::Closed)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FilterError> + Send + 'static,
) -> Result<T, FilterError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| {
        let message = panic.to_string();
        let stage = "preparing";
        Err(GuestError::from(ArtifactError::Module { stage, message }).into())
    })
}

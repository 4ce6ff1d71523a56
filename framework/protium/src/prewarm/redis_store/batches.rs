//! Commands of concurrent callers in few round trips: those that wait at the same time are sent in
//! one write, and their replies come in one read.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, StreamExt};
use redis::aio::{ConnectionLike, ConnectionManager};
use redis::{Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value};
use tokio::sync::{mpsc, oneshot};

/// The most commands of one batch.
const BATCH: usize = 64;
/// Commands that wait to be sent. When there are more, their callers wait.
const QUEUE: usize = 1_024;

/// Sends commands in batches over one connection. Commands of a caller that awaits each reply are
/// executed in their order. Clones share the connection.
#[derive(Clone)]
pub(super) struct Batches {
    queue: mpsc::Sender<Command>,
    connection: ConnectionManager,
}

/// A command of one caller, who gets its reply or its error.
struct Command {
    command: Cmd,
    reply: oneshot::Sender<RedisResult<Value>>,
}

impl Batches {
    /// Over this connection. Must be called within a tokio runtime.
    pub fn new(connection: ConnectionManager) -> Batches {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(send_batches(waiting, connection.clone()));
        Batches { queue, connection }
    }

    /// The reply to a command. When the future is dropped before the command was sent, it is not
    /// sent.
    async fn send(&self, command: Cmd) -> RedisResult<Value> {
        let (reply, replied) = oneshot::channel();
        let command = Command { command, reply };
        self.queue.send(command).await.map_err(|_| ended())?;
        replied.await.map_err(|_| ended())?
    }
}

/// What is sent as a pipeline of its own is not added to a batch.
impl ConnectionLike for Batches {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(command.clone()))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.connection.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}

fn ended() -> RedisError {
    io::Error::from(io::ErrorKind::BrokenPipe).into()
}

/// Sends what waits, until there are no callers any more. No batch waits for another one.
async fn send_batches(mut waiting: mpsc::Receiver<Command>, connection: ConnectionManager) {
    let mut in_flight = FuturesUnordered::new();
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            Some(()) = in_flight.next() => continue,
            received = waiting.recv_many(&mut batch, BATCH) => if received == 0 {
                return;
            },
        }
        let_ready_tasks_run().await;
        while batch.len() < BATCH
            && let Ok(command) = waiting.try_recv()
        {
            batch.push(command);
        }
        in_flight.push(round_trip(std::mem::take(&mut batch), connection.clone()));
    }
}

/// Sends a batch, and gives each caller its reply. Without an answer in time all of them fail.
async fn round_trip(mut batch: Vec<Command>, mut connection: ConnectionManager) {
    batch.retain(|command| !command.reply.is_closed());
    if batch.is_empty() {
        return;
    }
    let mut pipeline = Pipeline::with_capacity(batch.len());
    let mut callers = Vec::with_capacity(batch.len());
    for Command { command, reply } in batch {
        pipeline.add_command(command);
        callers.push(reply);
    }
    let replies = connection.send_packed_commands(&pipeline, 0, callers.len());
    match replies.await {
        Ok(replies) => {
            for (caller, reply) in callers.into_iter().zip(replies) {
                let _ = caller.send(reply.extract_error());
            }
        }
        Err(error) => {
            for caller in callers {
                let _ = caller.send(Err(error.clone()));
            }
        }
    }
}

/// Waits until the tasks ran that are ready now, as they may have commands too: this one is put
/// behind them. (`yield_now` would wait until no task is ready.)
async fn let_ready_tasks_run() {
    let mut is_behind = false;
    poll_fn(|context| {
        if is_behind {
            return Poll::Ready(());
        }
        is_behind = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

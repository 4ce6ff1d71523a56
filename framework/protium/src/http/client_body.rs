//! The body of a request, with a limit on how long its client may send nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::http::connections::ConnectionState;

/// Why the body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Nothing arrived for the time limit.
    #[error("nothing more of the body came for {} s", .0.as_secs())]
    Late(Duration),
    /// The connection ended, or the body is malformed.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// A body that fails when its client sends nothing for some time.
#[derive(Debug)]
pub struct ClientBody<B = Incoming> {
    body: B,
    pause: Duration,
    /// Runs while no data arrives.
    waiting: Option<Pin<Box<Sleep>>>,
    state: Arc<ConnectionState>,
}

impl<B> ClientBody<B> {
    /// Wraps a body whose client may pause for this long.
    pub fn new(body: B, pause: Duration, state: Arc<ConnectionState>) -> ClientBody<B> {
        state.body_begins();
        ClientBody {
            body,
            pause,
            waiting: None,
            state,
        }
    }
}

impl<B> Drop for ClientBody<B> {
    fn drop(&mut self) {
        self.state.body_ends();
    }
}

impl<B> Body for ClientBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    BodyError: From<B::Error>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.waiting = None;
            self.state.set_awaits_body(false);
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        self.state.set_awaits_body(true);
        let pause = self.pause;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(pause)));
        waiting.as_mut().poll(context).map(|()| {
            self.state.set_body_late();
            Some(Err(BodyError::Late(pause)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

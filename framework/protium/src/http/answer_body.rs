//! The body of an answer, whose connection knows when it ends.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::http::connections::ConnectionState;

/// The body of an answer. It has ended when it is dropped.
#[derive(Debug)]
pub struct AnswerBody {
    body: Body,
    state: Arc<ConnectionState>,
}

impl AnswerBody {
    /// The body of an answer on this connection.
    pub fn new(body: Body, state: Arc<ConnectionState>) -> AnswerBody {
        state.body_begins();
        AnswerBody { body, state }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.state.body_ends();
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

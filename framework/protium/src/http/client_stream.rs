//! A connection that is closed when its client reads nothing for some time. Otherwise clients that
//! never read could hold pages in memory, and connections, for ever. It also records when bytes are
//! sent and received.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::http::connections::ConnectionState;

/// A stream whose writes fail with [`io::ErrorKind::TimedOut`] when nothing could be written for
/// some time.
#[derive(Debug)]
pub struct ClientStream<S> {
    stream: S,
    write_timeout: Duration,
    /// Runs while the client reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    state: Arc<ConnectionState>,
}

impl<S> ClientStream<S> {
    /// Wraps a stream whose client may pause for this long.
    pub fn new(stream: S, write_timeout: Duration, state: Arc<ConnectionState>) -> ClientStream<S> {
        ClientStream {
            stream,
            write_timeout,
            stalled: None,
            state,
        }
    }

    fn bounded(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            self.state.sent();
            return written;
        }
        let write_timeout = self.write_timeout;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(write_timeout)));
        stalled
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.state.moved();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn state() -> Arc<ConnectionState> {
        Arc::new(ConnectionState::new())
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_ends_the_connection() {
        let (client, server) = duplex(16);
        let mut server = ClientStream::new(server, Duration::from_millis(50), state());
        let error = server.write_all(&[0; 64]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test]
    async fn a_client_that_is_slow_gets_everything() {
        let (mut client, server) = duplex(16);
        let mut server = ClientStream::new(server, Duration::from_secs(5), state());
        let write = async {
            server.write_all(&[7; 256]).await.expect("all of it");
            server.shutdown().await.expect("the end");
        };
        let read = async {
            let mut all = Vec::new();
            let mut part = [0; 8];
            while let Ok(length @ 1..) = client.read(&mut part).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
                all.extend_from_slice(&part[..length]);
            }
            all
        };
        let ((), all) = tokio::join!(write, read);
        assert_eq!(all, [7; 256]);
    }
}

//! Calls of other servers: what every client of this program does not do, and answers that are
//! bounded.

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, Response, redirect};

/// Why an answer was not read to its end.
#[derive(Debug)]
pub enum Unread {
    /// It has more bytes than are taken.
    TooLarge,
    /// It broke off.
    Failed(reqwest::Error),
}

/// A client that follows no redirects, keeps no cookies and heeds no proxy of the environment.
pub fn client() -> ClientBuilder {
    // Whoever came first has set the same or made a choice of their own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .http1_only()
}

/// The body of an answer, of at most so many bytes.
pub async fn read(mut response: Response, most: usize) -> Result<Bytes, Unread> {
    if response
        .content_length()
        .is_some_and(|length| length > most as u64)
    {
        return Err(Unread::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Unread::Failed)? {
        if body.len() + chunk.len() > most {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

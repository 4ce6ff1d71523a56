//! HTTP calls to other servers, with the restrictions of all clients of this program, and bounded
//! answers.

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, Response, redirect};

/// Why an answer was not read completely.
#[derive(Debug)]
pub enum ReadError {
    /// It exceeds the limit.
    TooLarge,
    /// It was cut off.
    Failed(reqwest::Error),
}

/// A client that follows no redirects, keeps no cookies and ignores proxy variables of the
/// environment.
pub fn client() -> ClientBuilder {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .http1_only()
}

/// The body of an answer, limited in bytes.
pub async fn read(mut response: Response, most: usize) -> Result<Bytes, ReadError> {
    if response
        .content_length()
        .is_some_and(|length| length > most as u64)
    {
        return Err(ReadError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Failed)? {
        if body.len() + chunk.len() > most {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

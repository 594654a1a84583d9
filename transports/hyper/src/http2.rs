//! HTTP/2 connections, shared by the fetches of one origin.

use crate::clock::Clock;
use crate::failures;
use crate::http1::Trouble;
use crate::pool::Shared;
use crate::socket::Socket;
use crawlspace::{Failure, Protocol};
use crawlspace_http::HeadLimits;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

/// A handle to a connection that runs as a task of its own, until every handle is gone.
#[derive(Clone)]
pub(crate) struct Http2 {
    sender: SendRequest<String>,
}

impl Http2 {
    pub(crate) async fn new(socket: Socket, limits: HeadLimits) -> Result<Self, hyper::Error> {
        // h2 does not tell a head over its limit from a damaged one: it gets a wider limit, and what comes is
        // measured here.
        let widest = u32::try_from(limits.bytes.saturating_mul(WIDER)).unwrap_or(u32::MAX);
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .max_header_list_size(widest)
            .handshake(TokioIo::new(socket))
            .await?;
        tokio::spawn(async move {
            // Whom an error concerns has been told by the connection itself.
            let _ = connection.await;
        });
        Ok(Self { sender })
    }

    /// Sends a request and waits for the head of the final response.
    pub(crate) async fn send(
        &mut self,
        request: Request<String>,
        limits: HeadLimits,
        clock: &mut Clock<'_>,
    ) -> Result<Response<Incoming>, Trouble> {
        match clock.bound(self.sender.try_send_request(request)).await {
            Ok(Ok(response)) if size(response.headers()) > limits.bytes => {
                Err(Trouble::Failed(Failure::Protocol(Protocol::HeadTooLarge)))
            }
            Ok(Ok(response)) => Ok(response),
            Ok(Err(mut error)) => Err(match error.take_message() {
                Some(unsent) => Trouble::Unsent(Box::new(unsent.into()), Failure::Closed),
                None => Trouble::Failed(failures::head(error.error(), &[], limits)),
            }),
            Err(failure) => Err(Trouble::Failed(failure)),
        }
    }
}

/// What the fields would take in HTTP/1.1, so that the limit means the same.
fn size(fields: &HeaderMap) -> usize {
    fields.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

const WIDER: usize = 4;

impl Shared for Http2 {
    fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}

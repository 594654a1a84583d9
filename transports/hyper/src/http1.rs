//! HTTP/1.1 connections, driven by the fetch they serve.
//!
//! No task is spawned: the future that waits for the response also moves the bytes. While a connection is idle
//! nothing runs for it; that the server has closed it shows when it is next used, before anything is written.

use crate::clock::Clock;
use crate::failures;
use crate::message::Message;
use crate::socket::Socket;
use crawlspace::{Failure, Protocol};
use crawlspace_http::HeadLimits;
use http::{Extensions, Request, Response};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

/// Why a request brought no response.
pub(crate) enum Trouble {
    /// It was never written: it can go over another connection, if this one was not new.
    Unsent(Box<Message>, Failure),
    /// It was, or may have been.
    Failed(Failure),
}

/// A connection for one request at a time.
pub(crate) struct Http1 {
    sender: SendRequest<String>,
    /// `None` once it is over.
    connection: Option<Connection<TokioIo<Socket>, String>>,
    limits: HeadLimits,
    /// 1xx responses to the present request.
    informational: Arc<AtomicUsize>,
    /// What makes hyper count them; goes with each request.
    extensions: Extensions,
}

impl Http1 {
    pub(crate) async fn new(socket: Socket, limits: HeadLimits) -> Result<Box<Self>, hyper::Error> {
        let (sender, connection) = Builder::new()
            .writev(false)
            .max_headers(limits.fields)
            .max_header_size(limits.bytes)
            .max_buf_size(limits.bytes.max(SMALLEST_BUFFER))
            .handshake(TokioIo::new(socket))
            .await?;
        let informational = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&informational);
        let mut template = Request::new(());
        hyper::ext::on_informational(&mut template, move |_| {
            count.fetch_add(1, Relaxed);
        });
        let extensions = template.into_parts().0.extensions;
        Ok(Box::new(Self { sender, connection: Some(connection), limits, informational, extensions }))
    }

    /// Sends a request and waits for the head of the final response.
    pub(crate) async fn send(
        &mut self,
        mut request: Request<String>,
        clock: &mut Clock<'_>,
    ) -> Result<Response<Incoming>, Trouble> {
        self.informational.store(0, Relaxed);
        *request.extensions_mut() = self.extensions.clone();
        let mut response = pin!(self.sender.try_send_request(request));
        let answer = std::future::poll_fn(|cx| {
            let leftover = drive(&mut self.connection, cx);
            if self.informational.load(Relaxed) > self.limits.informational {
                return Poll::Ready(Err(Trouble::Failed(Failure::Protocol(Protocol::TooManyInformational))));
            }
            // What the response waits for is the connection, which was polled just now: it need not wake anyone.
            match response.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
                Poll::Ready(Err(mut error)) => {
                    let read =
                        leftover.or_else(|| self.connection.take().map(|over| over.into_parts().read_buf));
                    let read = read.unwrap_or_default();
                    Poll::Ready(Err(match error.take_message() {
                        Some(unsent) => {
                            Trouble::Unsent(Box::new(unsent.into()), failures::unasked(&read, self.limits))
                        }
                        None => Trouble::Failed(failures::head(error.error(), &read, self.limits)),
                    }))
                }
                Poll::Pending if self.connection.is_none() => {
                    Poll::Ready(Err(Trouble::Failed(Failure::Closed)))
                }
                Poll::Pending => clock.poll_expired(cx).map(|failure| Err(Trouble::Failed(failure))),
            }
        });
        answer.await
    }

    /// The body's next frame.
    pub(crate) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut unheard = Context::from_waker(Waker::noop());
        if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(&mut unheard) {
            return Poll::Ready(frame);
        }
        drive(&mut self.connection, cx);
        Pin::new(body).poll_frame(&mut unheard)
    }

    /// Whether the connection can serve another request, its last response having been read to the end.
    pub(crate) fn is_reusable(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.sender.is_ready() {
            drive(&mut self.connection, cx);
        }
        self.connection.is_some() && self.sender.is_ready()
    }
}

/// Moves bytes. Gives what was read and not understood, once the connection is over.
fn drive(slot: &mut Option<Connection<TokioIo<Socket>, String>>, cx: &mut Context<'_>) -> Option<Bytes> {
    let connection = slot.as_mut()?;
    // Whom an error concerns has been told by the connection itself.
    let Poll::Ready(_) = Pin::new(connection).poll(cx) else { return None };
    slot.take().map(|over| over.into_parts().read_buf)
}

/// The least that hyper accepts.
const SMALLEST_BUFFER: usize = 8 * 1024;

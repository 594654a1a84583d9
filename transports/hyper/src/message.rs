//! The request as it goes on the wire.

use crate::origin::Origin;
use crawlspace::{Failure, Method, Refusal};
use http::header::{HOST, HeaderMap};
use http::uri::{self, Authority, PathAndQuery, Scheme};
use http::{Request, Uri};
use url::{Position, Url};

/// What is sent, whatever it is sent over. User information and fragment of a URL are not part of it.
pub(crate) struct Message {
    method: http::Method,
    target: PathAndQuery,
    fields: HeaderMap,
}

impl Message {
    pub(crate) fn new(method: Method, url: &Url, fields: HeaderMap) -> Result<Self, Failure> {
        let method = match method {
            Method::Get => http::Method::GET,
            Method::Head => http::Method::HEAD,
        };
        // Any path and query of a URL will do, up to 65,534 bytes: more than this transport speaks.
        let target = PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery])
            .map_err(|_| Failure::Refused(Refusal::Scheme))?;
        Ok(Self { method, target, fields })
    }

    /// In origin form, with `Host` (RFC 9112 section 3.2.1).
    pub(crate) fn http1(mut self, origin: &Origin) -> Request<String> {
        self.fields.insert(HOST, origin.authority().clone());
        self.request(None, None)
    }

    /// With scheme and authority, which HTTP/2 sends as pseudo-header fields (RFC 9113 section 8.3.1).
    pub(crate) fn http2(mut self, origin: &Origin) -> Request<String> {
        self.fields.remove(HOST);
        let scheme = if origin.as_ref().tls { Scheme::HTTPS } else { Scheme::HTTP };
        self.request(Some(scheme), Authority::try_from(origin.authority().as_bytes()).ok())
    }

    fn request(self, scheme: Option<Scheme>, authority: Option<Authority>) -> Request<String> {
        let mut parts = uri::Parts::default();
        parts.scheme = scheme;
        parts.authority = authority;
        parts.path_and_query = Some(self.target);
        let mut request = Request::new(String::new());
        *request.method_mut() = self.method;
        // What goes in has been looked at before: no such host comes this far.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        *request.headers_mut() = self.fields;
        request
    }
}

/// What comes back of a request that was not sent.
impl From<Request<String>> for Message {
    fn from(request: Request<String>) -> Self {
        let (parts, _) = request.into_parts();
        let target = parts.uri.into_parts().path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        Self { method: parts.method, target, fields: parts.headers }
    }
}

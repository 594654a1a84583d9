//! A real server on the loopback address: HTTP/1.1 with connections kept alive, a thread for each.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Bytes a request's head may have.
const HEAD_LIMIT: usize = 64 * 1024;

/// What is answered to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The `Content-Type` field; empty for none.
    pub content_type: &'static str,
    /// The `Location` field.
    pub location: Option<String>,
    /// The body, which is left out of an answer to HEAD.
    pub body: Vec<u8>,
}

impl Answer {
    /// A 200.
    #[must_use]
    pub fn ok(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type, location: None, body: body.into() }
    }

    /// A redirect.
    #[must_use]
    pub fn moved(status: u16, to: impl Into<String>) -> Self {
        Self { status, location: Some(to.into()), ..Self::default() }
    }

    /// An error, with a page that links where nobody may follow.
    #[must_use]
    pub fn error(status: u16) -> Self {
        let body =
            format!("<!DOCTYPE html><title>{status}</title><a href=\"/ghost/error-page.html\">back</a>\n");
        Self { status, content_type: "text/html", location: None, body: body.into_bytes() }
    }
}

/// A port that is taken but not served yet, so that what is to be served can know its own address.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    pub fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Begins to serve. The handler is given path and query as they came, and the method.
    #[must_use]
    pub fn serve(self, handler: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Web {
        let origin = self.origin();
        let shared = Arc::new(Shared { handler: Box::new(handler), ..Shared::default() });
        let accepting = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || accept(&self.listener, &shared))
        };
        Web { origin, address: self.address, shared, accepting: Some(accepting) }
    }
}

/// A server that runs until it is dropped, and counts what it is asked.
///
/// ```
/// use crawlspace_tests::web::{Answer, Web};
/// use std::io::{Read, Write};
///
/// let web = Web::serve(|path, _method| match path {
///     "/" => Answer::ok("text/html", "<a href=/x>x</a>"),
///     _ => Answer::error(404),
/// })?;
/// let mut stream = std::net::TcpStream::connect(web.address())?;
/// stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
/// let mut text = String::new();
/// stream.read_to_string(&mut text)?;
/// assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("<a href=/x>x</a>"));
/// assert_eq!(web.requests()[&("GET".to_owned(), "/".to_owned())], 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Web {
    origin: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// How often each method and path (with its query) was asked for.
pub type Requests = BTreeMap<(String, String), u64>;

impl Web {
    /// Takes a free port and serves; see [`Bound::serve`].
    ///
    /// # Errors
    ///
    /// As the operating system says.
    pub fn serve(handler: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Ok(Bound::new()?.serve(handler))
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        let mut requests = Requests::new();
        for (method, paths) in &*lock(&self.shared.requests) {
            requests.extend(paths.iter().map(|(path, &count)| ((method.clone(), path.clone()), count)));
        }
        requests
    }

    /// How many connections were made so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The most requests that were being answered at one moment.
    #[must_use]
    pub fn most_at_once(&self) -> u64 {
        self.shared.most.load(Ordering::Relaxed)
    }

    /// Forgets all counts.
    pub fn reset(&self) {
        lock(&self.shared.requests).clear();
        self.shared.connections.store(0, Ordering::Relaxed);
        self.shared.most.store(0, Ordering::Relaxed);
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the one that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for stream in lock(&self.shared.open).values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

type Handler = Box<dyn Fn(&str, &str) -> Answer + Send + Sync>;

struct Shared {
    handler: Handler,
    /// By method, then path.
    requests: Mutex<HashMap<String, HashMap<String, u64>>>,
    connections: AtomicU64,
    now: AtomicU64,
    most: AtomicU64,
    closed: AtomicBool,
    /// To be shut down in the end.
    open: Mutex<HashMap<SocketAddr, TcpStream>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            handler: Box::new(|_, _| Answer::error(404)),
            requests: Mutex::default(),
            connections: AtomicU64::new(0),
            now: AtomicU64::new(0),
            most: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            open: Mutex::default(),
        }
    }
}

/// A handler that panics fails its own connection only.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, peer)) = listener.accept() {
        if shared.closed.load(Ordering::SeqCst) {
            break;
        }
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let Ok(twin) = stream.try_clone() else { continue };
        lock(&shared.open).insert(peer, twin);
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A client that goes away is no matter of the server's.
            let _ = converse(stream, &shared);
            lock(&shared.open).remove(&peer);
        });
    }
}

/// Answers requests until the client has no more.
fn converse(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::with_capacity(4_096);
    let mut output = Vec::new();
    loop {
        let Some(length) = read_head(&mut stream, &mut input)? else { return Ok(()) };
        let head = String::from_utf8_lossy(&input[..length]).into_owned();
        input.drain(..length);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(path), Some("HTTP/1.1")) = (words.next(), words.next(), words.next()) else {
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
            return Ok(());
        };
        shared.count(method, path);
        let at_once = shared.now.fetch_add(1, Ordering::Relaxed) + 1;
        shared.most.fetch_max(at_once, Ordering::Relaxed);
        let answer = (shared.handler)(path, method);
        compose(&answer, method, &mut output)?;
        // Before the client can have the answer, and ask for more.
        shared.now.fetch_sub(1, Ordering::Relaxed);
        stream.write_all(&output)?;
        let close = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or_default();
            name.eq_ignore_ascii_case("connection") && value.trim().eq_ignore_ascii_case("close")
        };
        if lines.any(close) {
            return Ok(());
        }
    }
}

/// Reads until a whole head is there, and says how long it is; `None` at the end of the connection.
fn read_head(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut searched = 0_usize;
    loop {
        let from = searched.saturating_sub(3);
        if let Some(at) = input[from..].windows(4).position(|window| window == b"\r\n\r\n") {
            return Ok(Some(from + at + 4));
        }
        searched = input.len();
        if searched > HEAD_LIMIT {
            return Ok(None);
        }
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => input.extend_from_slice(&chunk[..read]),
        }
    }
}

fn compose(answer: &Answer, method: &str, output: &mut Vec<u8>) -> io::Result<()> {
    output.clear();
    write!(output, "HTTP/1.1 {} -\r\nContent-Length: {}\r\n", answer.status, answer.body.len())?;
    if !answer.content_type.is_empty() {
        write!(output, "Content-Type: {}\r\n", answer.content_type)?;
    }
    if let Some(location) = &answer.location {
        write!(output, "Location: {location}\r\n")?;
    }
    output.extend_from_slice(b"\r\n");
    if method != "HEAD" {
        output.extend_from_slice(&answer.body);
    }
    Ok(())
}

impl Shared {
    fn count(&self, method: &str, path: &str) {
        let mut requests = lock(&self.requests);
        // Owned keys are made once for each path, not for each request.
        let paths = match requests.get_mut(method) {
            Some(paths) => paths,
            None => requests.entry(method.to_owned()).or_default(),
        };
        match paths.get_mut(path) {
            Some(count) => *count += 1,
            None => {
                paths.insert(path.to_owned(), 1);
            }
        }
    }
}

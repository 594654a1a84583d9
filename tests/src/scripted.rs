//! A TCP server on 127.0.0.1 that plays a script of exact bytes, for answers that no well-behaved server gives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One thing the server does on a connection.
#[derive(Clone, Debug)]
pub enum Step {
    /// Reads a request's head and records it. Bodies are not read: crawlers send none.
    Read,
    /// Reads something, whatever it is, and does not record it.
    ReadSome,
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Writes these bytes over and over until the peer goes away.
    Flood(Vec<u8>),
    /// Does nothing until [`Scripted::release`] is called or the server is dropped.
    Hold,
    /// Answers every further request with these bytes, until the peer closes.
    Serve(Vec<u8>),
    /// Closes the connection with a reset instead of an end.
    Reset,
}

/// A script: what is done on each connection. After its last step the connection is closed in good order.
#[derive(Clone, Debug, Default)]
pub struct Script(Vec<Step>);

impl Script {
    /// Reads one request, writes these bytes, and closes.
    pub fn answer(bytes: impl Into<Vec<u8>>) -> Self {
        Self::read().write(bytes)
    }

    /// Reads one request.
    #[must_use]
    pub fn read() -> Self {
        Self(vec![Step::Read])
    }

    /// Answers every request on every connection with these bytes, and leaves closing to the peer.
    pub fn serve(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Step::Serve(bytes.into())])
    }

    /// Then does this.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Then writes these bytes.
    #[must_use]
    pub fn write(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.then(Step::Write(bytes.into()))
    }

    /// Then writes these bytes until the peer goes away.
    #[must_use]
    pub fn flood(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.then(Step::Flood(bytes.into()))
    }

    /// Then holds the connection.
    #[must_use]
    pub fn hold(self) -> Self {
        self.then(Step::Hold)
    }

    /// Then resets the connection.
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The connection it came on, counted from 0 in the order they were accepted.
    pub connection: usize,
    /// The request line, without its end.
    pub line: String,
    /// The fields in order, names in lower case.
    pub fields: Vec<(String, String)>,
}

impl Received {
    /// The first field of this name (lower case).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The running server. Dropping it ends every connection and waits for its threads.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    state: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    /// How many scripts are played to their end, and their connections closed.
    ended: usize,
    /// One for each connection that was accepted; `None` once a script has reset it.
    streams: Vec<Option<TcpStream>>,
    released: bool,
    stopped: bool,
}

impl Scripted {
    /// Starts a server that plays the script on each connection from its beginning.
    ///
    /// # Panics
    ///
    /// If 127.0.0.1 has no port left.
    #[must_use]
    pub fn start(script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on 127.0.0.1");
        let address = listener.local_addr().expect("the address of a bound socket");
        let state = Arc::new(Shared::default());
        let accepting = Some(thread::spawn({
            let state = Arc::clone(&state);
            move || accept(&listener, &script, &state)
        }));
        Self { address, state, accepting }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port` and this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, in the order their heads were complete.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().received.clone()
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.lock().streams.len()
    }

    /// Waits until the scripts of this many connections are played to their end.
    pub fn wait_until_ended(&self, connections: usize) {
        let ended = |state: &mut State| state.ended < connections;
        drop(self.state.changed.wait_while(self.state.lock(), ended).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets every connection that holds, and every later one, go on.
    pub fn release(&self) {
        self.state.lock().released = true;
        self.state.changed.notify_all();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        state.stopped = true;
        for stream in state.streams.iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        self.state.changed.notify_all();
        // Wakes the listener, which then sees that it is to stop.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.lock().ended += 1;
        self.changed.notify_all();
    }

    fn hold(&self) {
        let held = |state: &mut State| !state.released && !state.stopped;
        drop(self.changed.wait_while(self.lock(), held).unwrap_or_else(PoisonError::into_inner));
    }
}

fn accept(listener: &TcpListener, script: &Script, shared: &Arc<Shared>) {
    let mut playing = Vec::new();
    for stream in listener.incoming() {
        let mut state = shared.lock();
        if state.stopped {
            break;
        }
        let Ok(stream) = stream else { continue };
        let Ok(clone) = stream.try_clone() else { continue };
        let connection = state.streams.len();
        state.streams.push(Some(clone));
        drop(state);
        let (script, shared) = (script.clone(), Arc::clone(shared));
        playing.push(thread::spawn(move || play(stream, connection, script, &shared)));
    }
    for thread in playing {
        let _ = thread.join();
    }
}

/// Plays the script to its end, or until the peer or the server's drop ends it.
fn play(stream: TcpStream, connection: usize, script: Script, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else { return };
    let mut reader = BufReader::new(reading);
    let mut reset = false;
    for step in script.0 {
        let went_on = match step {
            Step::Read => receive(&mut reader, connection, shared),
            Step::ReadSome => reader.fill_buf().is_ok_and(|some| !some.is_empty()),
            Step::Write(bytes) => (&stream).write_all(&bytes).is_ok(),
            Step::Flood(bytes) => {
                while (&stream).write_all(&bytes).is_ok() {}
                false
            }
            Step::Hold => {
                shared.hold();
                true
            }
            Step::Serve(bytes) => {
                while receive(&mut reader, connection, shared) && (&stream).write_all(&bytes).is_ok() {}
                false
            }
            Step::Reset => {
                reset = true;
                false
            }
        };
        if !went_on {
            break;
        }
    }
    if reset {
        // A linger time of zero makes closing the last handle a reset (RFC 9293 section 3.10.4, "abort").
        drop(reader);
        shared.lock().streams[connection] = None;
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        drop(stream);
        shared.end();
    } else {
        let _ = stream.shutdown(Shutdown::Write);
        shared.end();
        // Reads until the peer closes too, so that nothing unread turns the end into a reset.
        let _ = reader.read_to_end(&mut Vec::new());
    }
}

/// Reads one request's head and records it; false at the end of the connection.
fn receive(reader: &mut BufReader<TcpStream>, connection: usize, shared: &Shared) -> bool {
    let Some(line) = read_line(reader) else { return false };
    let mut fields = Vec::new();
    while let Some(field) = read_line(reader) {
        let Some((name, value)) = field.split_once(':') else {
            shared.lock().received.push(Received { connection, line, fields });
            return true;
        };
        fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    false
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    let read = reader.read_until(b'\n', &mut line).ok()?;
    (read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
}

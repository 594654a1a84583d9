//! A server of a few fixed answers, which remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a path answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static [u8],
    /// What HEAD answers, where that differs.
    pub(crate) head: Option<u16>,
}

pub(crate) const OK: Answer = Answer { status: 200, fields: &[], body: b"", head: None };
pub(crate) const HTML: Answer = Answer { fields: &[("Content-Type", "text/html; charset=utf-8")], ..OK };

/// A status and nothing else.
pub(crate) const fn status(status: u16) -> Answer {
    Answer { status, ..OK }
}

/// A page of HTML.
pub(crate) const fn html(body: &'static str) -> Answer {
    Answer { body: body.as_bytes(), ..HTML }
}

/// A temporary redirect; the field has to be constant, so it is given whole.
pub(crate) const fn redirect(status: u16, location: &'static [(&'static str, &'static str)]) -> Answer {
    Answer { status, fields: location, ..OK }
}

type Answers = Arc<Mutex<BTreeMap<String, Answer>>>;

/// The server. Its thread ends with the process.
pub(crate) struct Site {
    pub(crate) origin: String,
    answers: Answers,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) fn start(answers: impl Iterator<Item = (String, Answer)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::new(Mutex::new(answers.collect())),
            asked: Arc::default(),
        };
        let (answers, asked) = (Arc::clone(&site.answers), Arc::clone(&site.asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
                thread::spawn(move || serve(stream, &answers, &asked));
            }
        });
        site
    }

    /// Answers so from now on.
    pub(crate) fn serve(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Puts origins that are known by now into the bodies and fields.
    pub(crate) fn respell(&self, spell: impl Fn(&str) -> String) {
        for answer in self.answers.lock().unwrap().values_mut() {
            if let Ok(body) = std::str::from_utf8(answer.body)
                && (body.contains("AWAY") || body.contains("SELF"))
            {
                answer.body = spell(body).leak().as_bytes();
            }
            let fields = answer.fields.iter().map(|(name, value)| (*name, &*spell(value).leak()));
            answer.fields = fields.collect::<Vec<_>>().leak();
        }
    }

    /// Method and path of each request, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How often it was asked so, robots.txt left out.
    pub(crate) fn count(&self, request: &str) -> usize {
        self.asked().iter().filter(|asked| *asked == request).count()
    }
}

/// One connection, until the client has no more to ask.
fn serve(stream: TcpStream, answers: &Answers, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        loop {
            let mut field = String::new();
            reader.read_line(&mut field).ok().filter(|read| *read > 0)?;
            if field.trim().is_empty() {
                break;
            }
        }
        let (method, rest) = line.split_once(' ')?;
        let path = rest.split(' ').next()?;
        asked.lock().ok()?.push(format!("{method} {path}"));
        let answer = {
            let answers = answers.lock().ok()?;
            answers.get(path).or_else(|| answers.get("*")).cloned().unwrap_or(status(404))
        };
        let is_head = method == "HEAD";
        let code = answer.head.filter(|_| is_head).unwrap_or(answer.status);
        let mut head = format!("HTTP/1.1 {code} x\r\nContent-Length: {}\r\n", answer.body.len());
        for (name, value) in answer.fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(b"\r\n").ok()?;
        if !is_head {
            stream.write_all(answer.body).ok()?;
        }
    }
}

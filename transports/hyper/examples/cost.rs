//! Measures the processor time one request costs the client, over kept-alive connections to a server on loopback.
//!
//! ```text
//! cargo run --release -p crawlspace-hyper --example cost [requests] [body bytes] [at a time]
//! ```
//!
//! Linux only: reads the thread's processor time from `/proc`. The server runs on threads of its own.

use crawlspace::codec::Decode;
use crawlspace::digest::PlaceSet;
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, Outcome, RULES_VERSION,
    Request, Spec, Validators,
};
use crawlspace_hyper::Client;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (requests, bytes, width) = (number(200_000)?, number(1_000)?, number(64)?);

    let address = serve(bytes)?;
    let request = request(&format!("http://{address}/page"), Kind::Robots)?;
    let client = Client::builder(spec()?).connections_per_origin(width).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = |count: usize| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..width)
                .map(|_| {
                    let (client, request) = (client.clone(), request.clone());
                    tokio::spawn(async move {
                        for _ in 0..count / width {
                            let outcome = client.fetch(request.clone()).await;
                            assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await?;
            }
            Ok::<_, tokio::task::JoinError>(count / width * width)
        })
    };
    run(requests / 10)?;
    for _ in 0..3 {
        let (begun, before) = (Instant::now(), processor_time()?);
        let done = run(requests)?;
        let (wall, spent) = (begun.elapsed(), processor_time()? - before);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / done as f64;
        let line = format!(
            "{done} requests of {bytes} bytes, {width} at a time: {:.2} µs of processor, {:.2} µs of wall each\n",
            each(spent),
            each(wall)
        );
        std::io::stdout().write_all(line.as_bytes())?;
    }
    Ok(())
}

/// What this thread has spent, in user and kernel.
fn processor_time() -> Result<Duration, Error> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// A server that gives the same answer to every request, one thread a connection.
fn serve(bytes: usize) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ndate: Fri, 20 Nov 2026 09:00:00 GMT\r\nserver: loopback\r\n\
         content-type: text/plain; charset=utf-8\r\ncontent-length: {bytes}\r\netag: \"1\"\r\n\r\n"
    );
    let answer = Arc::new([head.into_bytes(), vec![b'#'; bytes]].concat());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || answer_all(stream, &answer));
        }
    });
    Ok(address)
}

fn answer_all(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        // Requests come one at a time and in one piece.
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        if buffer[..read].ends_with(b"\r\n\r\n") {
            stream.write_all(answer)?;
        }
    }
}

fn request(url: &str, kind: Kind) -> Result<Request, Error> {
    Ok(Request {
        id: FetchId::from_bytes(&[1]).map_err(|_| "no id")?,
        url: Url::parse(url)?,
        kind,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(60),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    })
}

fn spec() -> Result<Arc<Spec>, Error> {
    Ok(Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[0; 16]).map_err(|_| "no key")?,
        user_agent: "crawlspace/0.1 (+https://example.com/bot)".to_owned(),
        robots_token: "crawlspace".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        extras: crawlspace::digest::Extras::default(),
    }))
}

//! How connections are opened, kept, shared out and closed.

mod support;

use crawlspace::{Failure, Phase, Request};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use support::{Seen, Server, answered, builder, check, client, failed, fetch_all, ok, request};
use tokio::sync::Barrier;

#[tokio::test]
async fn one_connection_serves_one_request_after_another() {
    let server = Server::repeating(ok("body")).await;
    let client = client();
    for _ in 0..50 {
        assert_eq!(answered(client.fetch(request(&server.url("/"))).await).transfer.decoded, 4);
    }
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 50));
}

#[tokio::test]
async fn an_answer_in_single_bytes_keeps_its_connection() {
    let server = Server::start(|mut peer| async move {
        while peer.request().await.is_some() {
            for byte in "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".bytes() {
                peer.send([byte]).await;
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let client = client();
    for _ in 0..10 {
        assert_eq!(answered(client.fetch(request(&server.url("/"))).await).transfer.decoded, 3);
    }
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 10));
}

#[tokio::test]
async fn no_more_connections_than_the_cap_of_an_origin() {
    let server = Server::repeating(ok("x")).await;
    let client = builder().connections_per_origin(3).build();
    for outcome in fetch_all(&client, (0..60).map(|_| request(&server.url("/")))).await {
        answered(outcome);
    }
    assert_eq!((server.seen.most_open(), server.seen.requests()), (3, 60));
    assert_eq!(server.seen.connections(), 3);
}

#[tokio::test]
async fn no_more_connections_than_the_cap_of_all() {
    // Whether the servers keep their connections or not.
    for answer in [ok("x"), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nx".to_owned()] {
        let seen = Arc::new(Seen::default());
        let mut urls = Vec::new();
        for _ in 0..5 {
            let answer = answer.clone();
            let server = Server::start_counted(Arc::clone(&seen), move |mut peer| {
                let answer = answer.clone();
                async move {
                    while peer.request().await.is_some() {
                        peer.send(&answer).await;
                        if answer.contains("close") {
                            break;
                        }
                    }
                }
            });
            urls.push(server.await.url("/"));
        }
        let client = builder().connections(2).build();
        let requests = (0..60).map(|number| request(&urls[number * 7 % 5]));
        for outcome in fetch_all(&client, requests).await {
            answered(outcome);
        }
        assert_eq!(seen.requests(), 60);
        // A server hears of a connection's end a little later than the client, so that the old ones may still count
        // while the new ones do already. The pool's own tests count exactly.
        assert!(seen.most_open() <= 4, "{}", seen.most_open());
    }
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_nothing() {
    let idle = Arc::new(Barrier::new(2));
    let told = Arc::clone(&idle);
    let server = Server::start(move |mut peer| {
        let told = Arc::clone(&told);
        async move {
            peer.request().await;
            peer.send(ok("x")).await;
            // Closes once the client takes it for idle.
            told.wait().await;
        }
    })
    .await;
    let client = client();
    for seen in 1..=20 {
        answered(client.fetch(request(&server.url("/"))).await);
        assert_eq!((server.seen.connections(), server.seen.requests()), (seen, seen));
        idle.wait().await;
        while server.seen.open.load(SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
        // The runtime hears of it with the next events.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_connection_last_used_is_used_next() {
    let server = Server::start(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.send(ok("x")).await;
        }
    })
    .await;
    let client = builder().connections_per_origin(4).build();
    for outcome in fetch_all(&client, (0..8).map(|_| request(&server.url("/")))).await {
        answered(outcome);
    }
    assert_eq!(server.seen.connections(), 4);
    for _ in 0..20 {
        answered(client.fetch(request(&server.url("/"))).await);
    }
    let mut served: Vec<usize> = server.seen.served.lock().expect("a lock").clone();
    served.drain(..8);
    assert!(served.iter().all(|number| *number == served[0]), "{served:?}");
}

#[tokio::test]
async fn a_request_that_was_written_is_never_sent_again() {
    // The second request of a connection is read and not answered.
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.send(ok("x")).await;
        peer.request().await;
    })
    .await;
    let client = client();
    answered(client.fetch(request(&server.url("/"))).await);
    assert_eq!(failed(client.fetch(request(&server.url("/"))).await), Failure::Closed);
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 2));
}

#[tokio::test]
async fn bytes_nobody_asked_for_spoil_the_connection_only() {
    let server = Server::repeating(format!("{}{}", ok("x"), ok("smuggled"))).await;
    let client = client();
    for seen in 1..=5 {
        let digest = answered(client.fetch(request(&server.url("/"))).await);
        assert_eq!(digest.transfer.decoded, 1);
        assert_eq!((server.seen.connections(), server.seen.requests()), (seen, seen));
    }
}

#[tokio::test]
async fn a_small_body_nobody_wants_keeps_the_connection() {
    let small = format!("HTTP/1.1 404 Not Found\r\ncontent-length: 60000\r\n\r\n{}", "#".repeat(60_000));
    let server = Server::repeating(small).await;
    let client = client();
    for _ in 0..5 {
        assert_eq!(answered(client.fetch(check(&server.url("/"))).await).status, 404);
    }
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 5));
}

#[tokio::test]
async fn a_small_body_nobody_wants_may_come_later() {
    let server = Server::start(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.send("HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\n").await;
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            peer.send("1234567890").await;
        }
    })
    .await;
    let client = client();
    for _ in 0..5 {
        assert_eq!(answered(client.fetch(check(&server.url("/"))).await).status, 404);
    }
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 5));
}

#[tokio::test]
async fn a_large_body_nobody_wants_costs_the_connection() {
    let body = "#".repeat(100_000);
    for answer in [
        // Announced, and on its way; of unknown length, and there already.
        format!("HTTP/1.1 200 OK\r\ncontent-length: 70000000\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n186a0\r\n{body}\r\n0\r\n\r\n"),
    ] {
        let server = Server::repeating(answer).await;
        let client = client();
        for seen in 1..=3 {
            assert_eq!(answered(client.fetch(check(&server.url("/"))).await).status, 200);
            assert_eq!((server.seen.connections(), server.seen.requests()), (seen, seen));
        }
    }
}

#[tokio::test]
async fn a_small_body_that_does_not_come_costs_the_connection() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\n12345").await;
        peer.closed().await;
    })
    .await;
    let client = client();
    for seen in 1..=2 {
        assert_eq!(answered(client.fetch(check(&server.url("/"))).await).status, 404);
        assert_eq!(server.seen.connections(), seen);
    }
}

#[tokio::test]
async fn old_idle_connections_are_not_used() {
    let server = Server::repeating(ok("x")).await;
    let client = builder().idle(Duration::ZERO).build();
    // Each would do for the next, were it not for its age.
    for seen in 1..=3 {
        assert_eq!(answered(client.fetch(request(&server.url("/"))).await).transfer.decoded, 1);
        assert_eq!(server.seen.connections(), seen);
    }
}

#[tokio::test]
async fn waiting_for_a_connection_counts_against_the_own_budget() {
    let asked = Arc::new(Barrier::new(2));
    let server = {
        let asked = Arc::clone(&asked);
        Server::start(move |mut peer| {
            let asked = Arc::clone(&asked);
            async move {
                peer.request().await;
                asked.wait().await;
                peer.closed().await;
            }
        })
        .await
    };
    let client = builder().connections_per_origin(1).build();
    let holder = tokio::spawn({
        let (client, request) = (client.clone(), request(&server.url("/")));
        async move { client.fetch(request).await }
    });
    asked.wait().await;
    let hurried = Request { budget: Duration::from_millis(400), ..request(&server.url("/")) };
    assert_eq!(failed(client.fetch(hurried).await), Failure::Timeout(Phase::Total));
    assert_eq!((server.seen.connections(), server.seen.requests()), (1, 1));

    // A fetch that is given up makes room.
    holder.abort();
    let _ = holder.await;
    let third = request(&server.url("/"));
    let next = tokio::spawn(async move { client.fetch(third).await });
    asked.wait().await;
    assert_eq!(server.seen.requests(), 2);
    next.abort();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the caps and whatever the servers do with their connections, every request is answered, each is
    /// seen once, and no origin has more connections than it may.
    #[test]
    fn every_request_is_seen_once(
        in_all in 1_usize..6,
        per_origin in 1_usize..4,
        lives in proptest::collection::vec(1_usize..5, 1..4),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 1..60),
        cores in 1_usize..3,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut servers = Vec::new();
            for life in lives {
                servers.push(Server::start(move |mut peer| async move {
                    for number in 1..=life {
                        if peer.request().await.is_none() {
                            return;
                        }
                        let last = if number == life { "connection: close\r\n" } else { "" };
                        peer.send(format!("HTTP/1.1 200 OK\r\n{last}content-length: 1\r\n\r\nx")).await;
                    }
                })
                .await);
            }
            let client = builder().connections(in_all).connections_per_origin(per_origin).build();
            let requests = order.iter().map(|index| request(&index.get(&servers).url("/")));
            for outcome in fetch_all(&client, requests).await {
                assert_eq!(answered(outcome).status, 200);
            }
            let seen: usize = servers.iter().map(|server| server.seen.requests()).sum();
            assert_eq!(seen, order.len());
        });
    }
}

//! What the simulator promises to those who test with it.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::{Config, Limit, Reach, Report, Scope, Seed, UnixTime};
use crawlspace_sim::{
    Case, Ending, Fault, Faults, Grain, Latency, Mode, Network, Page, Run, Shape, Simulation, Site, Stuck,
    Tested, Web, minimise,
};
use std::time::Duration;
use url::Url;

fn config(web: &Web) -> Config {
    Config::builder().seed(web.seeds()[0].clone()).build().unwrap()
}

fn text(report: &Report<'_>) -> String {
    let rows: Vec<String> = report.links().map(|row| format!("{row:?}\n")).collect();
    format!("{:?}\n{}", report.summary(), rows.concat())
}

/// The same web as digests and as bytes gives the same report: the digester reads what the simulator says.
#[test]
fn both_modes_report_the_same() {
    for seed in 0..40 {
        for shape in [Shape::Mixed, Shape::Maze, Shape::Site] {
            let web = Web::generate(shape, 30, seed);
            let faults = Faults::swarm(seed);
            let run = |mode| {
                let network = Network::new(seed).faults(faults.clone());
                Simulation::new(web.clone()).network(network).mode(mode).run(config(&web)).unwrap()
            };
            let (plain, html) = (run(Mode::Plain), run(Mode::Html));
            assert_eq!(text(&plain.report()), text(&html.report()), "seed {seed}, {shape}, {faults}");
        }
    }
}

/// A web that is only known by its answers is crawled as the web itself: the same steps, whatever goes wrong.
#[test]
fn answers_stand_for_a_web() {
    for seed in 0..60 {
        let web = Web::generate([Shape::Site, Shape::Maze, Shape::Diamond][seed as usize % 3], 30, seed);
        let faults = [Fault::Refused, Fault::Closed, Fault::ComeLater, Fault::Lost, Fault::Doubled];
        let faults = Faults::swarm(seed).only(|fault| faults.contains(&fault));
        let latency = Latency::Uniform(Duration::ZERO, Duration::from_millis(300));
        let simulation = |web| {
            let network = Network::new(seed).latency(latency).faults(faults.clone());
            Simulation::new(web).network(network)
        };
        let config = config(&web);
        let whole = simulation(web.clone()).run(config.clone()).unwrap();
        let spec = whole.engine().spec().clone();
        let recorded = Web::new().answers(move |request| web.answer_to(request, &spec));
        let run = simulation(recorded.clone()).run(config.clone()).unwrap();
        assert_eq!(run.trace().hash(), whole.trace().hash(), "seed {seed}, {faults}");
        // What changes a page has none to change.
        let more = faults.clone().with(Fault::OtherContent, 1.0).with(Fault::EndlessBody, 1.0);
        let network = Network::new(seed).latency(latency).faults(more.with(Fault::BadCharset, 1.0));
        let run = Simulation::new(recorded).network(network).run(config).unwrap();
        assert_eq!(run.trace().hash(), whole.trace().hash(), "seed {seed}, {faults}");
    }
}

#[test]
fn the_same_seed_takes_the_same_steps() {
    let mut hashes = std::collections::BTreeSet::new();
    for seed in 0..30 {
        let case = Case::draw(seed);
        let run = || case.simulation().run(config(&case.web())).unwrap().trace().hash();
        assert_eq!(run(), run(), "{case}");
        hashes.insert(run());
    }
    assert_eq!(hashes.len(), 30, "other seeds take other steps");
}

/// A billion pages cost no memory; a trap without an end is left by a limit.
#[test]
fn webs_are_made_when_they_are_asked_for() {
    for shape in Shape::ALL {
        if matches!(shape, Shape::Wide) {
            continue;
        }
        let web = Web::generate(shape, 1_000_000_000, 1);
        let reach = Scope::default().reach(Reach::Domain("sim.test".to_owned()));
        let config = Config::builder()
            .seed(web.seeds()[0].clone())
            .scope(reach)
            .max_pages(Limit::Max(300))
            .depth(Limit::Max(1_000))
            .build()
            .unwrap();
        let run = Simulation::new(web).run(config).unwrap();
        let fetched = run.fetches();
        let most = if shape == Shape::Hosts { 5_000 } else { 800 };
        assert!((50..most).contains(&fetched), "{shape}: {fetched}");
    }
}

/// Every page that a shape has is found.
#[test]
fn shapes_are_whole() {
    for shape in [
        Shape::Site,
        Shape::Tree,
        Shape::Diamond,
        Shape::Cycle,
        Shape::Hub,
        Shape::Wide,
        Shape::Deep,
        Shape::Flaky,
    ] {
        for pages in [1, 2, 3, 50, 1_100] {
            let web = Web::generate(shape, pages, 3);
            let run = Simulation::new(web.clone()).run(config(&web)).unwrap();
            assert_eq!(run.report().summary().checked, pages, "{shape} of {pages}");
        }
    }
}

/// Time passes as told and no longer: a page that takes a second, then one that is put off.
#[test]
fn time_is_virtual() {
    let web = Web::new()
        .page("http://a.test/", |page| page.link("/b").latency(Duration::from_secs(5)))
        .page("http://a.test/b", |page| page.latency(Duration::from_secs(3_600)));
    let config = Config::builder()
        .seed(web.seeds()[0].clone())
        .fetch_timeout(Duration::from_secs(7_200))
        .robots(crawlspace::RobotsPolicy { crawl: false, check: false })
        .build()
        .unwrap();
    let run = Simulation::new(web).run(config).unwrap();
    assert_eq!(run.elapsed(), Duration::from_secs(3_605));
    assert_eq!(run.log().entries()[1].at.as_micros(), 5_000_000);
}

struct Squares;

impl Site for Squares {
    fn answer(&self, url: &Url, page: &mut Page) -> bool {
        let number: u64 = url.path().trim_start_matches('/').parse().unwrap_or(2);
        page.push_resolved(
            "http://squares.test",
            &format!("/{}", number.wrapping_mul(number)),
            Some("result"),
        );
        url.host_str() == Some("squares.test") && number < 1_000
    }
}

#[test]
fn a_site_of_ones_own() {
    let web = Web::new().site(Squares);
    let config = Config::builder().seed("http://squares.test/3".parse().unwrap()).build().unwrap();
    let run = Simulation::new(web).mode(Mode::Html).run(config).unwrap();
    let asked: Vec<_> = run.log().urls().map(Url::path).collect();
    assert_eq!(asked, ["/robots.txt", "/3", "/9", "/81", "/6561"]);
    let dead = run.report().findings().filter(|row| row.class.as_str() == "dead-fragment").count();
    assert_eq!(dead, 2, "no page has the id, and a missing page is only broken");
}

/// Each fault, alone and always, comes to what its doc says.
#[test]
fn each_fault_leads_where_it_should() {
    for fault in Fault::all() {
        let web = Web::generate(Shape::Mixed, 40, 11);
        let network = Network::new(5).faults(
            Faults::none()
                .with(fault, if matches!(fault.grain(), Grain::Host | Grain::Time) { 1.0 } else { 0.5 }),
        );
        let run = Simulation::new(web.clone()).network(network).run(config(&web)).unwrap();
        assert!(run.tally().of(Some(fault)) > 0, "{fault} never struck");
        let expected: &[Ending] = match fault {
            Fault::NoSuchName => &[Ending::Dns],
            Fault::NoResolver => &[Ending::Dns, Ending::Timeout],
            Fault::Refused | Fault::Storm | Fault::Unreachable => &[Ending::Connect],
            Fault::BadTls => &[Ending::Tls],
            Fault::Lost | Fault::Late => &[Ending::Lapsed],
            Fault::NoSockets | Fault::Panicked => &[Ending::Local],
            Fault::BadRedirect | Fault::BadHeader => &[Ending::Redirect],
            Fault::ComeLater => &[Ending::ClientError, Ending::ServerError],
            _ => continue,
        };
        let all: u64 = expected.iter().map(|ending| run.tally().get(Some(fault), *ending)).sum();
        assert_eq!(all, run.tally().of(Some(fault)), "{fault}\n{}", run.tally());
    }
}

#[test]
fn a_step_limit_ends_what_has_no_end() {
    let web = Web::generate(Shape::Calendar, 10, 1);
    let outcome = Simulation::new(web.clone()).steps(5_000).run(config(&web));
    assert_eq!(outcome.unwrap_err(), Stuck::TooManySteps(5_000));
}

/// A failure is made smaller: fewer pages, only the fault that it takes.
#[test]
fn failures_are_minimised() {
    let fails = |case: &Case| -> Tested {
        let run = case.simulation().run(config(&case.web()))?;
        if run.tally().of(Some(Fault::Lost)) > 0 { Err("an answer was lost".into()) } else { Ok(()) }
    };
    let case: Case = "seed=5 shape=tree pages=60 heals=900 faults=closed:0.1,doubled:0.3,lost:0.4,polled:0.1"
        .parse()
        .unwrap();
    let failed = minimise(&case, fails).unwrap_err();
    assert_eq!(failed.case.faults.active().collect::<Vec<_>>(), [Fault::Lost]);
    assert!(failed.case.pages < 10 && failed.case.heals < 900, "{failed}");
    assert!(failed.to_string().contains(&format!("CRAWLSPACE_SIM='{}'", failed.case)));
    assert_eq!(failed.case.to_string().parse(), Ok(failed.case.clone()), "the line brings it back");
}

#[test]
fn latencies_are_of_their_kind() {
    let web = Web::generate(Shape::Wide, 4_000, 1);
    let spread = |latency| {
        let network = Network::new(1).latency(latency);
        let run: Run = Simulation::new(web.clone()).network(network).run(config(&web)).unwrap();
        let mut took: Vec<Duration> =
            run.log().entries().iter().map(|entry| entry.ended.unwrap().since(entry.at)).collect();
        took.sort();
        (took[took.len() / 2], took[took.len() * 9 / 10])
    };
    let second = Duration::from_secs(1);
    assert_eq!(spread(Latency::Constant(second)), (second, second));
    let (half, tenth) = spread(Latency::Uniform(Duration::ZERO, second));
    assert!((450..550).contains(&half.as_millis()) && (870..930).contains(&tenth.as_millis()), "{half:?}");
    let (half, tenth) = spread(Latency::Exponential(second));
    assert!(
        (640..750).contains(&half.as_millis()) && (2_100..2_500).contains(&tenth.as_millis()),
        "{half:?}"
    );
    let (half, tenth) = spread(Latency::LongTailed(second));
    assert!(
        (900..1_100).contains(&half.as_millis()) && (4_300..5_800).contains(&tenth.as_millis()),
        "{tenth:?}"
    );
}

/// A run can be begun with an engine that already stands somewhere.
#[test]
fn an_engine_of_ones_own() {
    let web = Web::generate(Shape::Tree, 10, 1);
    let engine = crawlspace::Engine::new(config(&web), Seed(9), UnixTime::from_secs(0));
    let mut run = Simulation::new(web).begin_with(engine);
    while run.step().unwrap() {}
    assert_eq!(run.report().summary().checked, 10);
}

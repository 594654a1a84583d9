//! Stopping, replaying, and one host that drags.

use crawlspace::{
    Config, Engine, HostPolicy, Kind, Outcome, Output, Reach, Scope, Seed, Stop, UnixTime, Wake,
};
use crawlspace_sim::{Draws, Faults, InFlight, Network, Run, Simulation, Tested, Web, check};
use crawlspace_simulation::{Plan, text};
use std::collections::BTreeMap;
use std::time::Duration;

/// I29: after a stop nothing new is asked for, and it is over when the last deadline is; a crawl that goes on from
/// there reports what it would have.
#[test]
fn a_stop_stops_and_loses_nothing() {
    check(50_000..50_300, |case| {
        let plan = Plan { pages: None, timeout: Duration::from_secs(10), ..Plan::of(case) };
        let faults = case.faults.clone().only(|fault| fault.is_passing() && !fault.depends_on_time());
        let network = case.network().healed_at(crawlspace::Time::MAX).faults(faults);
        let simulation = Simulation::new(case.web()).network(network).steps(1_000_000);
        let whole = text(&simulation.run(plan.config())?.report());
        let mut run = simulation.begin(plan.config());
        let mut draws = Draws::new(case.seed).fork("stop");
        for _ in 0..draws.below(80) {
            run.step()?;
        }
        let how = if draws.one_in(2) { Stop::Drain } else { Stop::Abort };
        run.engine_mut().stop(how);
        let (asked, at) = (run.fetches(), run.elapsed());
        run.finish()?;
        let took = run.elapsed().saturating_sub(at);
        if run.fetches() > asked || took > plan.deadline() || (how == Stop::Abort && took > Duration::ZERO) {
            return Err(
                format!("I29: {} fetches after a stop, which took {took:?}", run.fetches() - asked).into()
            );
        }
        run.crash(InFlight::Lost)?;
        run.finish()?;
        // What was lost is asked for again, and the rest; what had lapsed has one attempt less, if drained.
        let told = text(&run.report());
        (told == whole).then_some(()).ok_or_else(|| format!("I29: {how:?} has lost work").into())
    });
}

/// I17: the answers of a run, given again by an archive in the opposite order, make the same report.
#[test]
fn recorded_answers_in_another_order() {
    check(60_000..60_300, |case| {
        let plan = Plan { pages: None, timeout: Duration::from_secs(10), ..Plan::of(case) };
        let faults = case.faults.clone().only(|fault| !fault.depends_on_time());
        let network = case.network().healed_at(crawlspace::Time::MAX).faults(faults);
        let live = Simulation::new(case.web()).network(network).run(plan.config())?;
        let told = replay(&plan, &live)?;
        (told == text(&live.report())).then_some(()).ok_or("I17: the replay reports otherwise")?;
        Ok(())
    });
}

type Key = (url::Url, Kind, &'static str, crawlspace::Need, u32);

fn key(request: &crawlspace::Request) -> Key {
    (request.url.clone(), request.kind, request.method.as_str(), request.need, request.attempt)
}

fn alike(one: &Key, other: &Key) -> bool {
    (&one.0, one.1, one.4) == (&other.0, other.1, other.4)
}

/// Answers each request as it was answered live, the last one first.
fn replay(plan: &Plan, live: &Run) -> Result<String, Box<dyn std::error::Error>> {
    let entries = live.log().entries().iter();
    let archive: BTreeMap<_, Option<&Outcome>> =
        entries.map(|entry| (key(&entry.request), entry.outcome.as_ref())).collect();
    let mut engine = Engine::new(plan.config(), Seed(0), UnixTime::from_secs(1_800_000_000));
    let (mut open, mut now) = (Vec::new(), engine.now());
    for _ in 0..1_000_000 {
        match engine.poll(now) {
            Output::Fetch(fetch) => open.push(fetch),
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Finished => return Ok(text(&engine.report())),
            Output::Wait(wake) => {
                if let Some(fetch) = open.pop() {
                    let wanted = key(&fetch.request);
                    // Whether HEAD is tried first depends on the order, but not what comes of it.
                    let alike = |(known, _): &(&_, _)| alike(known, &wanted);
                    let found =
                        archive.get(&wanted).or_else(|| archive.iter().rfind(alike).map(|(_, found)| found));
                    let Some(outcome) = found else {
                        return Err(format!("I17: {} was not asked for live", fetch.request.url).into());
                    };
                    if let Some(outcome) = outcome {
                        engine.complete(fetch.ticket, (*outcome).clone());
                    }
                } else if let Wake::At(at, _) = wake {
                    now = at;
                }
            }
        }
    }
    Err("I8: the replay has no end".into())
}

/// I30: a host whose every answer times out, beside forty that work: these are done as soon as without it.
#[test]
fn one_host_that_hangs_holds_up_no_other() -> Tested {
    let web = |hangs: bool| {
        let mut web = Web::new();
        let hosts: Vec<String> = (0..40).map(|host| format!("http://h{host}.sim.test")).collect();
        let mut start: Vec<String> = hosts.iter().map(|host| format!("{host}/p0")).collect();
        start.extend((0..20).map(|page| format!("http://slow.sim.test/p{page}")));
        web = web.page("http://h0.sim.test/", |page| page.links(start.iter().map(String::as_str)));
        for host in &hosts {
            for page in 0..20 {
                let next = format!("{host}/p{}", page + 1);
                web = web.page(&format!("{host}/p{page}"), |page| page.link(&next));
            }
        }
        for page in 0..20 {
            let slow = if hangs { Duration::from_secs(3_600) } else { Duration::from_millis(20) };
            web = web.page(&format!("http://slow.sim.test/p{page}"), |page| page.latency(slow));
        }
        web
    };
    let healthy_by = |hangs| -> Result<Duration, Box<dyn std::error::Error>> {
        let web = web(hangs);
        let config = Config::builder()
            .seed(web.seeds()[0].clone())
            .scope(Scope::default().reach(Reach::Domain("sim.test".to_owned())))
            .own_hosts(HostPolicy { concurrency: 2, gap: Duration::from_millis(100) })
            .concurrency(16)
            .build()?;
        let run = Simulation::new(web).network(Network::new(1).faults(Faults::none())).run(config)?;
        let healthy = run.log().entries().iter().filter(|entry| {
            entry.request.kind == Kind::Page && entry.request.url.host_str() != Some("slow.sim.test")
        });
        let last = healthy.map(|entry| entry.at).max().ok_or("nothing was asked for")?;
        Ok(last.since(crawlspace::Time::ZERO))
    };
    let (without, with) = (healthy_by(false)?, healthy_by(true)?);
    let most = without.mul_f64(1.1);
    (with <= most)
        .then_some(())
        .ok_or_else(|| format!("I30: {with:?}, and {without:?} without the host that hangs").into())
}

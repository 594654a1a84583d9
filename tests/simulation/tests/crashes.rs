//! A crash at every step of small crawls, one after another; and again while the crawl recovers.

use crawlspace::{Config, Limit, Retry, RetryAfter, UnixTime};
use crawlspace_sim::{Case, Fault, Faults, InFlight, Latency, Shape, Simulation, Tested, Web};
use crawlspace_simulation::{Plan, text};
use std::time::Duration;

fn crash_everywhere(case: &Case) -> Tested {
    // Under way at once, so that long ways are gone before short ones are known; and a limit to which that matters.
    let (depth, gap) = (Some(2 + case.seed as u32 % 4), Duration::ZERO);
    let plan = Plan { depth, gap, concurrency: 16, of_host: 4, pages: None, ..Plan::of(case) };
    let plan = Plan { timeout: Duration::from_secs(10), ..plan };
    let slow = Latency::Uniform(Duration::ZERO, Duration::from_millis(500));
    let network = case
        .network()
        .faults(case.faults.clone().only(|fault| !fault.depends_on_time() && fault != Fault::Late));
    let network = network.healed_at(crawlspace::Time::MAX).latency(slow);
    let simulation = Simulation::new(case.web()).network(network).steps(200_000);
    let expected = text(&simulation.run(plan.config())?.report());
    for step in 0.. {
        let mut run = simulation.begin(plan.config());
        for _ in 0..step {
            if !run.step()? {
                return Ok(());
            }
        }
        let in_flight =
            run.log().entries().iter().filter(|entry| entry.ended.is_none() && !entry.interrupted).count();
        run.crash(if step % 2 == 0 { InFlight::Lost } else { InFlight::Kept })?;
        // Once more while it recovers: before it has asked again for all that was open.
        let mut again = 0;
        if step % 3 == 0 {
            for _ in 0..step % 7 {
                run.step()?;
            }
            again = run
                .log()
                .entries()
                .iter()
                .filter(|entry| entry.ended.is_none() && !entry.interrupted)
                .count();
            run.crash(InFlight::Lost)?;
        }
        run.finish()?;
        if text(&run.report()) != expected {
            return Err(format!("I18: another report after a crash at step {step}").into());
        }
        crawlspace_simulation::witness::asked_again(run.log().entries(), in_flight + again)
            .map_err(|why| format!("{why}, after a crash at step {step}"))?;
    }
    Ok(())
}

#[test]
fn a_crash_at_every_step() {
    for seed in 0..40 {
        let shape = [Shape::Mixed, Shape::Diamond, Shape::Maze, Shape::Site][seed as usize % 4];
        let faults = if seed % 3 > 0 { Faults::none() } else { Faults::swarm(seed) };
        let case = Case { seed, shape, pages: 18, heals: 0, faults };
        if let Err(failed) = crawlspace_sim::minimise(&case, crash_everywhere) {
            panic!("{failed}");
        }
    }
}

/// What only the state that is saved between two outputs knows: that a page which was read has come nearer, so that
/// what it links to is no longer too deep.
#[test]
fn a_crash_while_a_shorter_way_is_passed_on() -> Tested {
    let slow = Duration::from_secs(5);
    let web = Web::new()
        .page("http://a.test/", |page| page.link("/short").link("/1"))
        .page("http://a.test/1", |page| page.link("/2"))
        .page("http://a.test/2", |page| page.link("/read"))
        .page("http://a.test/short", |page| page.link("/read").latency(slow))
        .page("http://a.test/read", |page| page.link("/deep"))
        .page("http://a.test/deep", |page| page);
    let config = Config::builder().seed(web.seeds()[0].clone()).depth(Limit::Max(3)).build()?;
    let simulation = Simulation::new(web);
    let whole = simulation.run(config.clone())?;
    assert_eq!(whole.log().count("http://a.test/deep"), 1);
    for step in 0..whole.trace().steps() {
        let mut run = simulation.begin(config.clone());
        for _ in 0..step {
            run.step()?;
        }
        run.crash(InFlight::Lost)?;
        run.finish()?;
        assert_eq!(text(&run.report()), text(&whole.report()), "I18: after a crash at step {step}");
    }
    Ok(())
}

/// The dates that servers give are told from today's, also by a crawl that goes on.
#[test]
fn dates_count_on_after_a_crash() -> Tested {
    let (begun, until) = (1_800_000_000, Duration::from_secs(50));
    let busy = RetryAfter::Date(UnixTime::from_secs(begun + 50));
    let web = Web::new()
        .page("http://a.test/", |page| page.link("/slow"))
        .page("http://a.test/slow", |page| page.link("/busy").latency(Duration::from_secs(20)))
        .page("http://a.test/busy", |page| page.status(503).retry_after(busy));
    let retry = Retry { max: 1, base: Duration::from_millis(1), cap: Duration::from_secs(60) };
    let config = Config::builder().seed(web.seeds()[0].clone()).retry(retry).build()?;
    let simulation = Simulation::new(web);
    let steps = simulation.run(config.clone())?.trace().steps();
    for step in 0..steps {
        let mut run = simulation.begin(config.clone());
        for _ in 0..step {
            run.step()?;
        }
        run.crash(InFlight::Lost)?;
        run.finish()?;
        let again: Vec<_> =
            run.log().of("http://a.test/busy").filter(|entry| entry.request.attempt == 2).collect();
        let kept = again.iter().all(|entry| entry.at.since(crawlspace::Time::ZERO) >= until);
        assert!(kept && !again.is_empty(), "I6: after a crash at step {step}: {again:?}");
    }
    Ok(())
}

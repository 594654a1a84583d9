//! I36: what makes a crawl quicker, kept, watched or spread over machines is no part of what it finds.

use crawlspace::codec::{Decode, Encode};
use crawlspace::{Config, Outcome, Pattern, Request, Retry, Time};
use crawlspace_sim::{Case, Fault, Mode, Simulation, Tested, Web, check};
use crawlspace_simulation::{Plan, text};
use std::time::Duration;

/// A case whose answers depend on the requests alone.
fn timeless(case: &Case) -> Simulation {
    let faults = case.faults.clone().only(|fault| !fault.depends_on_time() && fault != Fault::Late);
    let network = case.network().healed_at(Time::MAX).faults(faults);
    Simulation::new(case.web()).network(network).steps(1_000_000)
}

#[test]
fn what_is_asked_first_does_not_matter() {
    check(90_000..90_100, |case| {
        let plan = Plan { pages: None, timeout: Duration::from_secs(10), ..Plan::of(case) };
        let expected = text(&timeless(case).run(plan.config())?.report());
        let config = |build: &dyn Fn(&Plan) -> crawlspace::config::Builder| build(&plan).build();
        let variants: [(&str, Config); 4] = [
            (
                "each depth before the next, or not",
                config(&|plan| Plan { ordered: !plan.ordered, ..plan.clone() }.builder())?,
            ),
            ("some pages before others", {
                let (late, early) = (Pattern::new("[0-4]$")?, Pattern::new("h0")?);
                config(&|plan| plan.builder().priority(late.clone(), -9).priority(early.clone(), 5))?
            }),
            ("another pace", {
                let retry = Retry { max: plan.retries, base: Duration::from_secs(7), cap: plan.cap };
                config(&|plan| plan.builder().retry(retry))?
            }),
            (
                "a hasty one",
                config(&|plan| Plan { gap: Duration::ZERO, of_host: 256, ..plan.clone() }.builder())?,
            ),
        ];
        for (what, config) in variants {
            let told = text(&timeless(case).run(config)?.report());
            (told == expected).then_some(()).ok_or_else(|| format!("I36: {what}: another report"))?;
        }
        Ok(())
    });
}

#[test]
fn who_looks_on_does_not_matter() {
    check(91_000..91_060, |case| {
        // Bytes take more of a cap than ready digests do.
        let plan = Plan { pages: None, body_cap: 1 << 20, ..Plan::of(case) };
        let expected = timeless(case).run(plan.config())?;
        let same = |what: &str, run: &crawlspace_sim::Run| {
            let same = run.trace().hash() == expected.trace().hash()
                && text(&run.report()) == text(&expected.report());
            same.then_some(()).ok_or_else(|| format!("I36: {what}: other steps"))
        };
        same("nobody keeps a log", &timeless(case).keep_log(false).keep_trace(true).run(plan.config())?)?;
        // Saved, reported on and asked how far it is, at every step.
        let mut run = timeless(case).begin(plan.config());
        while run.step()? {
            let _ = (run.engine().snapshot(), run.engine().progress(), run.report().summary());
        }
        same("saved at every step", &run)?;
        let read = timeless(case).mode(Mode::Html).run(plan.config())?;
        let same = text(&read.report()) == text(&expected.report());
        Ok(same.then_some(()).ok_or("I36: read from bytes: another report")?)
    });
}

/// What crosses a queue to other machines and back is what was sent.
#[test]
fn where_it_is_fetched_does_not_matter() -> Tested {
    fn over<T: Encode + Decode>(value: &T) -> T {
        let bytes = value.to_bytes();
        T::from_bytes(&bytes).unwrap_or_else(|error| panic!("I36: unreadable as sent: {error}"))
    }
    for seed in 92_000..92_100 {
        let case = Case::draw(seed);
        let plan = Plan::of(&case);
        let here = Simulation::new(case.web()).run(plan.config())?;
        let (web, spec) = (case.web(), over(here.engine().spec()));
        let there = Web::new()
            .answers(move |request: &Request| -> Outcome { over(&web.answer_to(&over(request), &spec)) });
        let there = Simulation::new(there).run(plan.config())?;
        assert_eq!(text(&there.report()), text(&here.report()), "I36: {case}");
    }
    Ok(())
}

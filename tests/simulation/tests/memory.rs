//! I11, I27: what a crawl takes of memory and stack, whatever goes wrong in it.

use crawlspace::{Config, Limit, LimitKind, Order};
use crawlspace_sim::{Case, Fault, Faults, Mode, Network, Run, Shape, Simulation, Stuck, Tested, Web, check};
use crawlspace_simulation::{Plan, judge, model};
use peak_alloc::PeakAlloc;
use std::sync::Mutex;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// One test at a time, since they share the heap that is measured.
static ALONE: Mutex<()> = Mutex::new(());

/// Bytes for each URL and its ten links, engine and simulator together; twice what it takes.
const OF_URL: usize = 2_000;

/// Bytes for what does not grow.
const BASE: usize = 100_000;

/// Runs a crawl, and gives how many bytes of heap it took at most.
fn peak(web: Web, network: Network, limit: Limit<u64>) -> Result<(Run, usize), Stuck> {
    let config = Config::builder().seed(web.seeds()[0].clone()).order(Order::Fast).max_pages(limit).build();
    let config = config.unwrap_or_else(|error| panic!("a configuration: {error}"));
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let run = Simulation::new(web).network(network).steps(u64::MAX).keep_log(false).run(config)?;
    let took = HEAP.peak_usage().saturating_sub(before);
    Ok((run, took))
}

/// I11: faults, retries and doubled answers take no more memory than the URLs do.
#[test]
fn memory_is_bounded_by_what_is_admitted() {
    let _alone = ALONE.lock();
    check(70_000..70_030, |case| {
        let web = || Web::generate(Shape::Site, 1_000, case.seed);
        let network = Network::new(case.seed).faults(Faults::swarm(case.seed));
        let (run, took) = peak(web(), network, Limit::None)?;
        let admitted = run.engine().progress().admitted as usize;
        let most = BASE + admitted * OF_URL;
        (took <= most)
            .then_some(())
            .ok_or_else(|| format!("I11: {took} bytes for {admitted} URLs, {most} at most").into())
    });
}

/// I11, I28: a web without end, left by a limit.
#[test]
fn a_trap_takes_no_more_than_its_limit() -> Tested {
    let _alone = ALONE.lock();
    for shape in [Shape::Calendar, Shape::Sessions] {
        let web = Web::generate(shape, 1_000_000_000, 1);
        let faults =
            Faults::none().with(Fault::Doubled, 0.3).with(Fault::Foreign, 0.3).with(Fault::Lost, 0.05);
        let network = Network::new(1).faults(faults);
        let (run, took) = peak(web, network, Limit::Max(1_000))?;
        assert_eq!(run.report().summary().partial, [LimitKind::MaxPages], "{shape}");
        let admitted = run.engine().progress().admitted as usize;
        assert!(took <= BASE + admitted * OF_URL, "I11: {shape}: {took} bytes for {admitted} URLs");
    }
    Ok(())
}

/// I27: nothing goes so deep that a small stack runs over.
#[test]
fn a_stack_of_256_kib_does() {
    let _alone = ALONE.lock();
    let crawls = || {
        for seed in 80_000..80_060 {
            let case = Case::draw(seed);
            let plan = Plan::of(&case);
            let run = case.simulation().mode(Mode::Html).run(plan.config());
            let verdict = run.map_err(|stuck| stuck.to_string()).and_then(|run| judge(&plan, &run));
            assert_eq!(verdict, Ok(()), "{case}");
        }
        for seed in 0..60 {
            assert!(model::run(&model::input(seed)).is_ok(), "input {seed}");
        }
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(crawls);
    let joined = thread.map(std::thread::JoinHandle::join);
    assert!(matches!(joined, Ok(Ok(()))), "I27");
}

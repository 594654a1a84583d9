//! Options made into what the engine, the transports and the report are told.

use super::Layer;
use super::options::Options;
use super::target::{Site, Target};
use super::value::{HeaderLine, Output, Transport};
use crate::error::Error;
use crate::format::Format;
use crawlspace::config::Builder;
use crawlspace::digest::Place;
use crawlspace::report::Rules;
use crawlspace::{
    Config, Decision, HeaderSetId, HostPolicy, Identity, Limit, Order, Pattern, Retry, RobotsPolicy, Scope,
    Seed,
};
use crawlspace_http::HeaderSets;
use crawlspace_warc::Archive;
use http::HeaderMap;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The set of headers that `--header` gives.
pub const OWN_HEADERS: HeaderSetId = HeaderSetId(1);

/// The own site's share, and how gently other hosts are asked.
const OWN_HOST: HostPolicy = HostPolicy { concurrency: 50, gap: Duration::ZERO };
const OTHER_HOST: HostPolicy = HostPolicy { concurrency: 4, gap: Duration::from_millis(100) };

/// Everything a check needs to know, decided.
#[derive(Debug)]
pub struct Plan {
    /// What the engine is to do; the targets are its seeds.
    pub config: Config,
    /// Targets to be added again, each as an item of its own (`--each`).
    pub again: Vec<Url>,
    /// Where everything random comes from.
    pub seed: Seed,
    /// What carries out requests that leave this machine.
    pub transport: Transport,
    /// How many requests may be in flight in all.
    pub concurrency: u32,
    /// How long one request may take.
    pub timeout: Duration,
    /// The folder that stands for a site, if one does.
    pub site: Option<Site>,
    /// Whether anything but the folder may be asked for.
    pub online: bool,
    /// What `--header` gives, bound to the targets' origins.
    pub headers: HeaderSets,
    /// Where the crawl is recorded, if it is.
    pub record: Option<Record>,
    /// What answers instead of the network and the folder, if anything does.
    pub replay: Option<Archive>,
    /// Where the state of the check is kept, if it is.
    pub state: Option<PathBuf>,
    /// Whether to print the report of a finished check, and do no more.
    pub resume_only: bool,
    /// How bad findings are, where not as by default.
    pub rules: Rules,
    /// How the report is printed.
    pub format: Format,
    /// Reports to be written to files.
    pub outputs: Vec<Output>,
    /// Whether links are followed at all: not with `--depth 0`, which checks the targets as links.
    pub follows: bool,
    /// Whether to report what works, too.
    pub all: bool,
    /// Whether to report pages that no link reaches.
    pub orphans: bool,
    /// Whether to report ids that several elements have.
    pub duplicate_ids: bool,
    /// Whether to show no progress.
    pub quiet: bool,
    /// Whether broken links leave the exit code 0.
    pub graceful_exit: bool,
    /// What to tell the user beforehand.
    pub notes: Vec<String>,
}

/// How a crawl is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The first file.
    pub path: PathBuf,
    /// Bytes at which the next one is begun.
    pub full: Option<u64>,
    /// Whether secrets are recorded, too.
    pub secrets: bool,
}

impl Plan {
    /// Decides what the layers leave open.
    ///
    /// # Errors
    ///
    /// If there is no target, one that cannot be checked, or a value out of its bounds.
    pub fn new(layer: Layer) -> Result<Self, Error> {
        let Layer { options, places, graceful_exit, mut notes } = layer;
        let mut options = options.settled()?;
        let record = record(&options)?;
        let replay = replay(&mut options)?;
        let recorded = replay.as_ref().and_then(Archive::draws);
        if options.targets.is_empty() {
            return Err(Error::new("there is nothing to check: no target is given")
                .way_out("give a URL, a folder or an HTML file: crawlspace check https://example.com/"));
        }
        let targets =
            options.targets.iter().map(|text| Target::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let site = Site::of(&targets, options.base_url.as_deref())?;
        let has_urls = targets.iter().any(|target| matches!(target, Target::Url(_)));
        let external = options.external.unwrap_or(has_urls);
        let (seeds, files) = seeds(&targets, site.as_ref(), &mut notes)?;
        let (seeds, again) =
            if options.each == Some(true) { split_repeated(seeds) } else { (seeds, Vec::new()) };

        let is_excluded = |seed: &&Url| {
            options.exclude.iter().any(|pattern| pattern.0.matches(Identity::of(seed).as_str()))
        };
        for seed in seeds.iter().filter(is_excluded) {
            notes.push(format!("{seed} is a target, so it is checked although --exclude matches it"));
        }

        let mut builder = Config::builder();
        for seed in &seeds {
            builder = builder.seed(seed.clone());
        }
        builder = sitemaps(builder, &options, &seeds)?;
        let has_folder = targets.iter().any(|target| matches!(target, Target::Folder(_)));
        let alone = site.as_ref().filter(|_| !has_folder).map(|site| (site, files.as_slice()));
        builder = builder.scope(scope(&options, alone, external)?);
        let (origins, mut headers) = (origins(&targets), HeaderSets::new());
        let fields = read_headers(&options.header)?;
        if !fields.is_empty() && origins.is_empty() {
            notes.push(
                "--header: sent to no one, since headers go to the targets' own origins only".to_owned(),
            );
        } else if !fields.is_empty() {
            headers
                .add(OWN_HEADERS, origins.clone(), fields)
                .map_err(|error| Error::new(format!("--header: {error}")))?;
            builder = builder.headers(OWN_HEADERS, origins);
        }
        let places = places.unwrap_or_default();
        builder = builder.places(match options.json_ld {
            Some(true) => places.with(Place::JSON_LD),
            _ => places,
        });
        let concurrency = options.concurrency.unwrap_or(128);
        let timeout = options.timeout.map_or(Duration::from_secs(30), |span| span.0);
        let config = apply(builder, &options, has_urls)
            .concurrency(concurrency)
            .fetch_timeout(timeout)
            .build()
            .map_err(|error| {
                Error::new(named_as_option(&error, &options))
                    .way_out("\"crawlspace check --help\" says what each option takes")
            })?;
        check_outputs(&options.output)?;
        if options.resume_only == Some(true) && options.state.is_none() {
            return Err(Error::new("--resume-only: there is no state to take a report from")
                .way_out("name the folder that holds it: --state DIR"));
        }
        Ok(Self {
            config,
            again,
            seed: options.seed.map(Seed).or(recorded).unwrap_or_else(|| Seed(draw())),
            transport: options.transport.unwrap_or_default(),
            concurrency,
            timeout,
            online: has_urls || external,
            site,
            headers,
            record,
            replay,
            state: options.state,
            resume_only: options.resume_only.unwrap_or(false),
            rules: options.rule.into_iter().map(|rule| rule.0).collect(),
            format: options.format.unwrap_or_default(),
            outputs: options.output,
            follows: options.depth != Some(0),
            all: options.all.unwrap_or(false),
            orphans: options.orphans.unwrap_or(false),
            duplicate_ids: options.duplicate_ids.unwrap_or(false),
            quiet: options.quiet.unwrap_or(false),
            graceful_exit: graceful_exit.unwrap_or(false),
            notes,
        })
    }
}

fn record(options: &Options) -> Result<Option<Record>, Error> {
    let Some(path) = options.record.clone() else {
        for (name, given) in [
            ("--record-size", options.record_size.is_some()),
            ("--record-secrets", options.record_secrets == Some(true)),
        ] {
            if given {
                return Err(Error::new(format!("{name} is given, but nothing is recorded"))
                    .way_out("--record FILE records"));
            }
        }
        return Ok(None);
    };
    if !options.replay.is_empty() {
        return Err(Error::new("--record and --replay are both given")
            .way_out("what is replayed is recorded already: keep one of them"));
    }
    if options.record_size == Some(0) {
        return Err(
            Error::new("--record-size 0: no file is that small").way_out("give a number of MiB, from 1")
        );
    }
    let full = options.record_size.map(|mib| mib.saturating_mul(1 << 20));
    Ok(Some(Record { path, full, secrets: options.record_secrets.unwrap_or(false) }))
}

/// Opens what is to answer; its own targets stand in for those that are not given.
fn replay(options: &mut Options) -> Result<Option<Archive>, Error> {
    if options.replay.is_empty() {
        return Ok(None);
    }
    let archive = Archive::open(options.replay.iter().map(|file| &file.0))
        .map_err(|error| Error::new(format!("--replay: {error}")))?;
    if options.targets.is_empty() {
        options.targets = archive.seeds().map(str::to_owned).collect();
        if options.targets.is_empty() {
            return Err(Error::new("--replay: the archive does not say what was checked")
                .way_out("give the URL to begin with: crawlspace check --replay FILE https://example.com/"));
        }
    }
    Ok(Some(archive))
}

/// What the options say that the builder knows by the same name.
fn apply(mut builder: Builder, options: &Options, has_urls: bool) -> Builder {
    let concurrency = |default| options.per_host.unwrap_or(default);
    let gap = |default| options.delay.map_or(default, |span| span.0);
    // Who allows more requests in all means the own site: nothing else is asked as much.
    let own = options.concurrency.unwrap_or(OWN_HOST.concurrency);
    // A folder is nobody's host: where there is no other target, there is nobody to be gentle with.
    let own_gap = if has_urls { gap(OWN_HOST.gap) } else { OWN_HOST.gap };
    builder = builder
        .own_hosts(HostPolicy { concurrency: concurrency(own), gap: own_gap })
        .other_hosts(HostPolicy {
            concurrency: concurrency(OTHER_HOST.concurrency),
            gap: gap(OTHER_HOST.gap),
        })
        .order(if options.ordered == Some(true) { Order::Ordered } else { Order::Fast })
        .depth(options.depth.map_or(Limit::None, Limit::Max))
        .max_pages(options.max_pages.map_or(Limit::None, Limit::Max))
        .max_time(options.max_time.map_or(Limit::None, |span| Limit::Max(span.0)))
        .max_host_failures(options.max_host_failures.map_or(Limit::None, Limit::Max))
        .robots(RobotsPolicy {
            crawl: options.robots.unwrap_or(true),
            check: options.robots.unwrap_or(false),
        });
    builder = builder
        .soft_404(options.soft_404 == Some(true))
        .text_fragments(options.text_fragments == Some(true))
        .duplicate_ids(options.duplicate_ids == Some(true));
    if let Some(retries) = options.retries {
        builder =
            builder.retry(Retry { max: retries, base: Duration::from_secs(1), cap: Duration::from_mins(1) });
    }
    if let Some(accept) = &options.accept {
        builder = builder.accept(accept.0.clone());
    }
    if let Some(user_agent) = &options.user_agent {
        builder = builder.user_agent(user_agent);
    }
    builder
}

/// The sitemaps to read.
fn sitemaps(mut builder: Builder, options: &Options, seeds: &[Url]) -> Result<Builder, Error> {
    const AUTO: &str = "auto";
    let auto = [AUTO.to_owned()];
    let wanted = match options.orphans {
        Some(true) if options.sitemap.is_empty() => &auto[..],
        _ => &options.sitemap,
    };
    for text in wanted {
        if text == AUTO {
            if options.robots == Some(false) {
                return Err(Error::new(
                    "--sitemap auto takes sitemaps from robots.txt, which --no-robots leaves alone",
                )
                .way_out("give the sitemap's own URL, such as --sitemap /sitemap.xml"));
            }
            builder = builder.declared_sitemaps(true);
            continue;
        }
        let url = Url::parse(text).ok().or_else(|| seeds.first()?.join(text).ok());
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(|| {
            Error::new(format!("--sitemap \"{text}\" is no URL")).way_out(
                "give auto, a URL such as https://example.com/sitemap.xml, or a path such as /sitemap.xml",
            )
        })?;
        builder = builder.sitemap(url);
    }
    Ok(builder)
}

/// The URLs to begin with, and the files among them.
fn seeds(
    targets: &[Target],
    site: Option<&Site>,
    notes: &mut Vec<String>,
) -> Result<(Vec<Url>, Vec<Url>), Error> {
    let (mut seeds, mut files) = (Vec::new(), Vec::new());
    for target in targets {
        match (target, site) {
            (Target::Url(url), _) => seeds.push(url.clone()),
            (Target::Folder(_), Some(site)) => seeds.extend(site.entrances(notes)?),
            (Target::File(file), Some(site)) => {
                let url = site.url_of(file)?;
                seeds.push(url.clone());
                files.push(url);
            }
            (Target::Folder(_) | Target::File(_), None) => {}
        }
    }
    Ok((seeds, files))
}

/// The distinct seeds, and the repetitions of them.
fn split_repeated(seeds: Vec<Url>) -> (Vec<Url>, Vec<Url>) {
    let mut seen = BTreeSet::new();
    seeds.into_iter().partition(|url| seen.insert(url.clone()))
}

fn scope(options: &Options, alone: Option<(&Site, &[Url])>, external: bool) -> Result<Scope, Error> {
    let mut scope = Scope::default();
    if let Some((site, files)) = alone {
        // Files alone: what they link to is checked, and only their own links are followed.
        scope = scope.rule(pattern(&format!("^{}", escaped(&site.base)))?, Decision::Check);
        for some in exactly(files)? {
            scope = scope.rule(some, Decision::Crawl);
        }
    }
    if !external {
        scope = scope.external(Decision::Ignore);
    }
    for pattern in &options.include {
        scope = scope.include(pattern.0.clone());
    }
    for pattern in &options.exclude {
        scope = scope.rule(pattern.0.clone(), Decision::Ignore);
    }
    Ok(scope)
}

/// Expressions that match these URLs and no others.
fn exactly(urls: &[Url]) -> Result<Vec<Pattern>, Error> {
    // As many in one as stay within the size that an expression may have.
    let chunks = urls.chunks(16).map(|some| some.iter().map(escaped).collect::<Vec<_>>().join("|"));
    chunks.map(|alternatives| pattern(&format!("^(?:{alternatives})$"))).collect()
}

fn escaped(url: &Url) -> String {
    regex::escape(Identity::of(url).as_str())
}

fn pattern(expression: &str) -> Result<Pattern, Error> {
    Pattern::new(expression)
        .map_err(|error| Error::new(error.to_string()).way_out("the URL of a target is too long"))
}

fn read_headers(lines: &[HeaderLine]) -> Result<HeaderMap, Error> {
    let mut fields = HeaderMap::new();
    for line in lines {
        let (name, value) = line.read()?;
        fields.append(name, value);
    }
    Ok(fields)
}

/// The origins of the targets that are URLs: who may see `--header`.
fn origins(targets: &[Target]) -> Vec<String> {
    let origins: BTreeSet<_> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Url(url) => Some(url.origin().ascii_serialization()),
            Target::Folder(_) | Target::File(_) => None,
        })
        .collect();
    origins.into_iter().collect()
}

fn check_outputs(outputs: &[Output]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for output in outputs {
        let path = output.path.display();
        if !seen.insert(crate::file::place(&output.path)) {
            return Err(Error::new(format!("--output: two reports are to go to {path}"))
                .way_out("give each a file of its own"));
        }
        crate::file::check(&output.path)
            .map_err(|error| Error::new(format!("--output {path}: cannot write there: {error}")))?;
    }
    Ok(())
}

/// The message with the option's name for the engine's field.
fn named_as_option(error: &crawlspace::ConfigError, options: &Options) -> String {
    let option = match error.field() {
        "own_hosts" | "other_hosts" => match (options.per_host, options.delay) {
            (Some(_), None) => "--per-host",
            (None, Some(_)) => "--delay",
            _ => "--per-host or --delay",
        },
        "fetch_timeout" => "--timeout",
        "max_host_failures" => "--max-host-failures",
        "retry" => "--retries",
        "concurrency" => "--concurrency",
        "depth" => "--depth",
        "user_agent" => "--user-agent",
        "headers" => "--header",
        field => field,
    };
    error.to_string().replacen(error.field(), option, 1)
}

/// A number from the system: the standard library's hasher is seeded from there.
fn draw() -> u64 {
    RandomState::new().hash_one(0_u8)
}

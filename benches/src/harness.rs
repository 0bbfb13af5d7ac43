//! Measures contenders side by side: one round of each after the other, the ratio round by round, and its median.

use futures_util::future::LocalBoxFuture;
use std::fmt::Write;
use std::time::{Duration, Instant};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The contender that the others are compared with.
pub const PERISTYLE: &str = "Peristyle";

/// How long a contender runs in one round.
const ROUND: Duration = Duration::from_millis(20);

/// What the command line asks for.
#[derive(Default)]
pub struct Options {
    pub rounds: usize,
    /// A part of the titles of the cases to run.
    pub case: String,
    /// Only this contender, so many operations, without measuring: for profilers.
    pub alone: Option<(String, u32)>,
}

impl Options {
    /// Whether any case of a store can be asked for: titles begin with the store's name.
    pub fn asks_for(&self, store: &str) -> bool {
        ["SQLite", "Postgres", "Redis"].iter().all(|other| *other == store || !self.case.starts_with(other))
    }
}

/// One thing that several libraries do.
pub struct Case<'c> {
    title: &'static str,
    contenders: Vec<(&'static str, Box<dyn Contender + 'c>)>,
}

trait Contender {
    /// Does the operation so many times; the sum of the results must be that of every other contender.
    fn run(&mut self, operations: u32) -> LocalBoxFuture<'_, Result<u64>>;
}

impl<F: AsyncFnMut() -> Result<u64>> Contender for F {
    fn run(&mut self, operations: u32) -> LocalBoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let mut sum = 0u64;
            for _ in 0..operations {
                sum = sum.wrapping_add(self().await?);
            }
            Ok(sum)
        })
    }
}

/// The rounds of one case, in nanoseconds an operation: a list for each contender.
pub struct Measured {
    title: &'static str,
    rounds: Vec<(&'static str, Vec<f64>)>,
}

impl<'c> Case<'c> {
    pub fn new(title: &'static str) -> Self {
        Case { title, contenders: Vec::new() }
    }

    /// Adds a contender: a function that does the operation once and gives a number made of its result.
    pub fn with(mut self, name: &'static str, operation: impl AsyncFnMut() -> Result<u64> + 'c) -> Self {
        self.contenders.push((name, Box::new(operation)));
        self
    }

    /// Runs the case, if the options ask for it, and adds its rounds to `report`.
    pub async fn run(mut self, options: &Options, report: &mut Vec<Measured>) -> Result<()> {
        if !self.title.contains(&options.case) {
            return Ok(());
        }
        if let Some((name, operations)) = &options.alone {
            for (_, contender) in self.contenders.iter_mut().filter(|(known, _)| known == name) {
                contender.run(*operations).await?;
            }
            return Ok(());
        }
        let operations = self.calibrate().await?;
        let mut rounds: Vec<_> = self.contenders.iter().map(|(name, _)| (*name, Vec::new())).collect();
        for round in 0..options.rounds {
            let mut sums = Vec::new();
            for turn in 0..self.contenders.len() {
                // Nobody always runs after the same other one.
                let place = if round % 2 == 0 { turn } else { self.contenders.len() - 1 - turn };
                let (name, contender) = &mut self.contenders[place];
                let start = Instant::now();
                sums.push((*name, contender.run(operations).await?));
                rounds[place].1.push(start.elapsed().as_nanos() as f64 / f64::from(operations));
            }
            if let Some((name, _)) = sums.iter().find(|(_, sum)| *sum != sums[0].1) {
                return Err(format!("{}: {name} and {} give different results", self.title, sums[0].0).into());
            }
        }
        let measured = Measured { title: self.title, rounds };
        println!("{}", measured.detail());
        report.push(measured);
        Ok(())
    }

    /// Warms everybody up and finds how many operations fill a round of the fastest.
    async fn calibrate(&mut self) -> Result<u32> {
        let mut operations = 4;
        loop {
            let mut fastest = Duration::MAX;
            for (_, contender) in &mut self.contenders {
                let start = Instant::now();
                contender.run(operations).await?;
                fastest = fastest.min(start.elapsed());
            }
            if fastest >= ROUND {
                return Ok(operations);
            }
            let wanted = ROUND.as_secs_f64() / fastest.as_secs_f64().max(1e-9);
            operations = (f64::from(operations) * wanted.clamp(1.1, 10.0)).ceil() as u32;
        }
    }
}

impl Measured {
    fn of(&self, contender: &str) -> Option<&[f64]> {
        self.rounds.iter().find(|(name, _)| *name == contender).map(|(_, rounds)| rounds.as_slice())
    }

    /// Peristyle's time over that of a contender, round by round, sorted.
    fn ratios(&self, contender: &str) -> Option<Vec<f64>> {
        let (own, other) = (self.of(PERISTYLE)?, self.of(contender)?);
        Some(sorted(own.iter().zip(other).map(|(own, other)| own / other).collect()))
    }

    fn detail(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (name, rounds) in &self.rounds {
            let time = time(quantile(&sorted(rounds.clone()), 0.5));
            let _ = write!(text, "  {name:<26} {time:>9}");
            if let Some(ratios) = self.ratios(name).filter(|_| *name != PERISTYLE) {
                let [low, median, high] = [0.25, 0.5, 0.75].map(|q| quantile(&ratios, q));
                let _ = write!(text, "   {PERISTYLE} takes {median:.2} x ({low:.2} to {high:.2}) as long");
            }
            text.push('\n');
        }
        text
    }
}

/// The measured cases as a Markdown table: the median time, and Peristyle's ratio to it.
pub fn table(report: &[Measured]) -> String {
    let mut peers: Vec<&str> = Vec::new();
    for (name, _) in report.iter().flat_map(|measured| &measured.rounds) {
        if *name != PERISTYLE && !peers.contains(name) {
            peers.push(name);
        }
    }
    let mut text = format!("| | {PERISTYLE} | {} |\n|---|---|{}\n", peers.join(" | "), "---|".repeat(peers.len()));
    for measured in report {
        let median = |name| measured.of(name).map(|rounds| time(quantile(&sorted(rounds.to_vec()), 0.5)));
        let _ = write!(text, "| {} | {} |", measured.title, median(PERISTYLE).unwrap_or_default());
        for peer in &peers {
            match (median(peer), measured.ratios(peer)) {
                (Some(time), Some(ratios)) => {
                    let _ = write!(text, " {time}: **{:.2} x** |", quantile(&ratios, 0.5));
                }
                _ => text.push_str(" |"),
            }
        }
        text.push('\n');
    }
    text
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

fn time(nanos: f64) -> String {
    match nanos {
        ..1e6 => format!("{:.1} µs", nanos / 1e3),
        _ => format!("{:.2} ms", nanos / 1e6),
    }
}

//! Time and memory of a piece of work; shared by the benches, which include this file as a module.
#![allow(dead_code)]

use std::{collections::BTreeMap, time::Instant};

/// Seconds.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// On the clock.
    pub(crate) wall: f64,
    /// Of processors, all threads together: other work on the machine blurs it less.
    pub(crate) cpu: f64,
}

/// Best times of some tries, each on its own, and the last answer.
pub(crate) fn best_of<T>(tries: u32, mut work: impl FnMut() -> T) -> (Times, T) {
    let mut best = Times { wall: f64::INFINITY, cpu: f64::INFINITY };
    let mut timed = || {
        let (before, start) = (thread_seconds(), Instant::now());
        let answer = work();
        best.wall = best.wall.min(start.elapsed().as_secs_f64());
        let spent = |(thread, after): (u32, f64)| after - before.get(&thread).unwrap_or(&0.0);
        best.cpu = best.cpu.min(thread_seconds().into_iter().map(spent).sum());
        answer
    };
    let mut answer = timed();
    for _ in 1..tries {
        drop(answer);
        answer = timed();
    }
    (best, answer)
}

/// Processor seconds of each thread so far; empty where the system does not tell.
fn thread_seconds() -> BTreeMap<u32, f64> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks
        .filter_map(|t| {
            let text = std::fs::read_to_string(t.path().join("schedstat")).ok()?;
            let ns: f64 = text.split(' ').next()?.parse().ok()?;
            Some((t.file_name().to_str()?.parse().ok()?, ns * 1e-9))
        })
        .collect()
}

/// The arguments that are no options of `cargo bench` itself.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect()
}

/// Runs in a pool of its own of so many threads.
pub(crate) fn with_threads<T: Send>(n: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads start").install(work)
}

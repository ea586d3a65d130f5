//! A pool of workers with a stop channel: stop comes first, whatever work is waiting.

use millstream::{rendezvous, runtime, select, unbounded};

fn main() {
    let (work, jobs) = unbounded();
    let (done, results) = unbounded();
    let (stop, stopped) = rendezvous::<()>();

    for worker in 0..3 {
        let (jobs, done, stopped) = (jobs.clone(), done.clone(), stopped.clone());
        runtime::spawn(async move {
            loop {
                select! {
                    biased;
                    // Nothing is ever sent: dropping the sender tells every worker at once.
                    _ = stopped.recv() => break,
                    job = jobs.recv() => match job {
                        Ok(job) => done.send((worker, job * job)).await.expect("someone collects"),
                        Err(_) => break,
                    },
                }
            }
        });
    }
    drop(done);

    for job in 1..=10u64 {
        work.try_send(job).expect("the pool is open");
    }
    let sum: u64 = results.iter().take(10).map(|(_, square)| square).sum();
    println!("the sum of the first ten squares is {sum}");
    assert_eq!(sum, 385);

    drop(stop);
    assert!(
        results.recv_blocking().is_err(),
        "the last worker has closed the results"
    );
    println!("everyone has gone home");
}

use millstream::{select, RecvError, Select, SelectSet};
use std::time::Duration;

#[test]
fn macro_forms() {
    millstream::block_on(async {
        let (tx, rx) = millstream::bounded::<u32>(1);
        let (tx2, rx2) = millstream::rendezvous::<String>();
        let r = select! {
            v = rx.recv() => v.unwrap(),
            s = tx2.send("x".to_string()) => { s.unwrap(); 7 }
            default => 9,
        };
        assert_eq!(r, 9);
        tx.send(3).await.unwrap();
        let r = select! { biased; v = rx.recv() => { v.unwrap() } _ = rx2.recv(), if false => 2, after(Duration::from_secs(3)) => 4 };
        assert_eq!(r, 3);
        let r =
            select! { blocking; v = rx.recv() => v.unwrap(), after(Duration::from_millis(5)) => 4 };
        assert_eq!(r, 4);
        let one = select! { default => 5 };
        assert_eq!(one, 5);
    });
}

#[test]
fn two_selects_meet() {
    for _ in 0..2000 {
        let (a, ra) = millstream::rendezvous::<u32>();
        let (b, rb) = millstream::rendezvous::<u32>();
        let t = std::thread::spawn(move || {
            Select::new()
                .send(&a, 1, |r| r.map(|()| 10))
                .recv(&rb, |r| Ok(r.unwrap()))
                .wait()
        });
        let got = Select::new()
            .recv(&ra, |r| r.unwrap())
            .send(&b, 2, |r| {
                r.unwrap();
                20
            })
            .wait();
        let other = t.join().unwrap().unwrap();
        assert!(matches!((got, other), (1, 10) | (20, 2)), "{got} {other}");
    }
}

#[test]
fn set_over_threads() {
    let chans: Vec<_> = (0..8).map(|_| millstream::bounded::<u64>(2)).collect();
    let mut set = SelectSet::new();
    let mut txs = vec![];
    for (tx, rx) in chans {
        txs.push(tx);
        set.recv(rx, |r| r);
    }
    let ts: Vec<_> = txs
        .into_iter()
        .map(|tx| {
            std::thread::spawn(move || {
                for i in 0..10_000 {
                    tx.send_blocking(i).unwrap();
                }
            })
        })
        .collect();
    let mut sum = 0;
    let mut ends = 0;
    while let Some(r) = set.wait() {
        match r {
            Ok(v) => sum += v,
            Err(RecvError) => ends += 1,
        }
    }
    assert_eq!(ends, 8);
    assert_eq!(sum, 8 * (0..10_000u64).sum::<u64>());
    for t in ts {
        t.join().unwrap();
    }
}

#[test]
fn threads_rendezvous_mpmc() {
    for cap in [0, 1, 3, 64] {
        let (tx, rx) = millstream::bounded::<u64>(cap);
        let ts: Vec<_> = (0..4)
            .map(|_| {
                let tx = tx.clone();
                std::thread::spawn(move || {
                    for i in 0..20_000 {
                        tx.send_blocking(i).unwrap()
                    }
                })
            })
            .collect();
        drop(tx);
        let rs: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                std::thread::spawn(move || rx.iter().sum::<u64>())
            })
            .collect();
        drop(rx);
        for t in ts {
            t.join().unwrap();
        }
        let sum: u64 = rs.into_iter().map(|r| r.join().unwrap()).sum();
        assert_eq!(sum, 4 * (0..20_000u64).sum::<u64>());
    }
}

#[test]
fn iter_and_custom() {
    let rx = millstream::from_iter(0..1000u64);
    let rs: Vec<_> = (0..4)
        .map(|_| {
            let rx = rx.clone();
            std::thread::spawn(move || rx.iter().sum::<u64>())
        })
        .collect();
    drop(rx);
    let sum: u64 = rs.into_iter().map(|r| r.join().unwrap()).sum();
    assert_eq!(sum, (0..1000u64).sum::<u64>());
}

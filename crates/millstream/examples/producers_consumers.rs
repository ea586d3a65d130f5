//! Three producers and three consumers on one channel: every value goes to exactly one consumer.
//!
//! The first program of aiochan's README. Tasks here; plain threads would use `send_blocking` and `iter`.

use millstream::runtime;

fn main() {
    let (orders, counter) = millstream::bounded(2);
    let (served, receipts) = millstream::unbounded();

    for producer in 1..=3 {
        let orders = orders.clone();
        runtime::spawn(async move {
            for number in 1..=4 {
                orders
                    .send((producer, number))
                    .await
                    .expect("the kitchen is open");
            }
        });
    }
    // The producers have their own handles: when the last of them is done, the channel closes.
    drop(orders);

    for consumer in ["Ann", "Bob", "Cid"] {
        let (counter, served) = (counter.clone(), served.clone());
        runtime::spawn(async move {
            while let Ok((producer, number)) = counter.recv().await {
                let receipt = format!("{consumer} takes order {number} of producer {producer}");
                served.send(receipt).await.expect("someone prints");
            }
            served
                .send(format!("{consumer} goes home"))
                .await
                .expect("someone prints");
        });
    }
    drop((counter, served));

    let mut lines = 0;
    for receipt in receipts.iter() {
        println!("{receipt}");
        lines += 1;
    }
    assert_eq!(lines, 3 * 4 + 3, "every order once, and everyone went home");
}

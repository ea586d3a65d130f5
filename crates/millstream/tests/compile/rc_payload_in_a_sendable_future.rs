//! A future of a channel whose payload must stay on its thread is not for an executor of several threads.

use std::rc::Rc;

fn spawn(_task: impl std::future::Future<Output = ()> + Send + 'static) {}

fn main() {
    let (_tx, rx) = millstream::bounded::<Rc<u32>>(1);
    spawn(async move {
        let _ = rx.recv().await;
    });
}

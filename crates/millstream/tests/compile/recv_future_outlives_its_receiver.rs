//! A receive borrows the receiver it was asked of.

fn future() -> impl std::future::Future<Output = Result<u32, millstream::RecvError>> {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    rx.recv()
}

fn main() {
    let _ = future();
}

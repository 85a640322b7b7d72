#[test]
fn bench() {
    use std::io::Write;
    let roadmap = super::table_tests::large(10_000);
    let held = std::collections::BTreeSet::new();
    let i = super::GoalInterpreter::new(&roadmap, &held);
    for goal in ["everything", "router cache of part0", "batch 7", "sesion layuot", "next", "write a poem", "3.3", "everything except router", "all router phases"] {
        let mut best = u128::MAX;
        for _ in 0..3 {
            let t = std::time::Instant::now();
            let _ = i.interpret(goal);
            best = best.min(t.elapsed().as_micros());
        }
        let _ = writeln!(std::io::stderr(), "{goal}: {best} us");
    }
    let f = i.interpret("everything");
    let t = std::time::Instant::now();
    let p = crate::domain::plan::Plan::draft(f, &roadmap, crate::domain::id::TargetId::new("t"), 4);
    let _ = writeln!(std::io::stderr(), "draft: {} us {}", t.elapsed().as_micros(), p.rows.len());
}

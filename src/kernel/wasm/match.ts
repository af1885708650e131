// Runs texts through an automaton.

/** Texts that are matched at a time: where one's byte leads is known some cycles later only, which the others fill. */
const LANES: i32 = 4;

/**
 * The first of texts [from, to) that the automaton does not accept, or `to`. A state is the address of its row: for each byte the
 * address of the next state in 32 bits. Those from `accepting` on accept. Text i is bytes[offsets[i]] up to bytes[offsets[i + 1]].
 */
export function findUnmatched(
  start: usize,
  accepting: usize,
  bytes: usize,
  offsets: usize,
  from: i32,
  to: i32,
): i32 {
  let text = from;
  for (; text + LANES <= to; text += LANES) {
    const at = offsets + ((<usize>text) << 2);
    const a = <usize>load<i32>(at);
    const b = <usize>load<i32>(at, 4);
    const c = <usize>load<i32>(at, 8);
    const d = <usize>load<i32>(at, 12);
    const end = <usize>load<i32>(at, 16);
    const common = min(min(b - a, c - b), min(d - c, end - d));
    let stateA = start;
    let stateB = start;
    let stateC = start;
    let stateD = start;
    for (let i: usize = 0; i < common; i++) {
      stateA = behind(stateA, bytes + a + i);
      stateB = behind(stateB, bytes + b + i);
      stateC = behind(stateC, bytes + c + i);
      stateD = behind(stateD, bytes + d + i);
    }
    stateA = behindAll(stateA, bytes + a + common, bytes + b);
    stateB = behindAll(stateB, bytes + b + common, bytes + c);
    stateC = behindAll(stateC, bytes + c + common, bytes + d);
    stateD = behindAll(stateD, bytes + d + common, bytes + end);
    if (min(min(stateA, stateB), min(stateC, stateD)) >= accepting) continue;
    if (stateA < accepting) return text;
    if (stateB < accepting) return text + 1;
    return stateC < accepting ? text + 2 : text + 3;
  }
  for (; text < to; text++) {
    const at = offsets + ((<usize>text) << 2);
    const state = behindAll(start, bytes + load<i32>(at), bytes + load<i32>(at, 4));
    if (state < accepting) return text;
  }
  return to;
}

function behind(state: usize, at: usize): usize {
  return load<u32>(state + ((<usize>load<u8>(at)) << 2));
}

function behindAll(state: usize, from: usize, end: usize): usize {
  let reached = state;
  for (let at = from; at < end; at++) reached = behind(reached, at);
  return reached;
}

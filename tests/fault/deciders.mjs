// People at their desks while the server dies and comes back: one asks for tickets and hands in fixes, two race to release
// what waits. Each answer is counted; what a dying server does not answer is tried again.

import { setTimeout as breath } from 'node:timers/promises';

const breathMs = 40;

const over = new Set(['succeeded', 'cancelled', 'timed_out', 'discarded', 'dead_letter']);

/** Runs that somebody or something still has to act on. */
export async function listActive(session) {
  return (await session.list('/runs')).filter((run) => !over.has(run.state));
}

export class Deciders {
  #sessions;
  #target;
  #repository;
  #stopped = false;
  #done;
  approved = new Map();
  conflicts = 0;
  refusals = [];  // Other than by a conflict: there should be none, but of a server that is about to die.
  deeds = 0;
  replayed = 0;

  /** `sessions` answers {operator, approvers}; `target` is where the replay goes, `repository` where tickets do. */
  constructor(sessions, target, repository) {
    this.#repository = repository;
    this.#sessions = sessions;
    this.#target = target;
  }

  start() {
    this.#done = this.#work();
  }

  async stop() {
    this.#stopped = true;
    await this.#done;
  }

  async #work() {
    while (!this.#stopped) {
      try {
        await this.#look();
      } catch (error) {
        this.#note(error);
      }
      await breath(breathMs);
    }
  }

  async #look() {
    const { operator } = this.#sessions();
    await this.#route(operator);
    const active = new Set((await listActive(operator)).map((run) => run.incident_id));
    for (const incident of await operator.list('/incidents?status=needs_human')) {
      if (active.has(incident.id)) continue;
      await this.#attempt(() => this.#ask(operator, incident));
    }
    for (const incident of await operator.list('/incidents?status=submitted')) {
      if (active.has(incident.id) || incident.phase !== 'ticket_open' || !incident.title.includes('with a fix')) continue;
      await this.#attempt(() => this.#handIn(operator, incident));
    }
    for (const letter of await operator.list('/dead-letters')) {
      await this.#attempt(async () => {
        await operator.post(`/dead-letters/${letter.id}/replay`, { comment: 'the worker was killed' });
        this.replayed += 1;
      });
    }
    for (const approval of await operator.list('/approvals?state=pending')) await this.#race(approval);
  }

  // Where the tickets and fixes of a service go, and its replays.
  async #route(operator) {
    for (const service of await operator.list('/services')) {
      if (service.tracker === this.#repository) continue;
      await this.#attempt(() => operator.put(`/services/${service.name}`, {
        replay_target: service.name === 'shop' ? this.#target : '',
        replay_unsafe_methods: true,
        owner: '',
        tracker: this.#repository,
        repository: this.#repository,
      }, service.version));
    }
  }

  async #ask(operator, incident) {
    if (incident.reason === 'no_target') {
      await operator.post(`/incidents/${incident.id}/reproduce`, { comment: 'target added' });
    } else {
      await operator.post(`/incidents/${incident.id}/publish`, { comment: 'nobody can replay an alarm' });
    }
    this.deeds += 1;
  }

  async #handIn(operator, incident) {
    await operator.post(`/incidents/${incident.id}/fix`, {
      title: `Fix of ${incident.title}`,
      body: 'Guards the null.',
      files: [{ path: 'src/orders.mjs', content: `export const fixed = ${JSON.stringify(incident.id)};\n` }],
      comment: 'tested by hand',
    });
    this.deeds += 1;
  }

  // Both at once, over connections of their own.
  async #race(approval) {
    const { approvers } = this.#sessions();
    const decision = {
      content_hash: approval.content_hash, comment: 'go', confirm: approval.content_hash.slice(0, 8),
    };
    const ends = await Promise.allSettled(
      approvers.map((approver) => approver.post(`/approvals/${approval.id}/approve`, decision)));
    for (const end of ends) {
      if (end.status === 'fulfilled') {
        this.approved.set(approval.id, (this.approved.get(approval.id) ?? 0) + 1);
        this.deeds += 1;
      } else {
        this.#note(end.reason);
      }
    }
  }

  async #attempt(deed) {
    try {
      await deed();
    } catch (error) {
      this.#note(error);
    }
  }

  // A refusal is an answer; without one the server is away.
  #note(error) {
    if (error.status === 409) { this.conflicts += 1; this.lastConflict = error.message; }
    else if (error.status !== undefined) this.refusals.push(error.message);
  }
}

// As much of a browser as signing in needs: cookies for each origin, redirects one at a time, and what the dashboard
// sends with each request.

export class Browser {
  #jars = new Map();
  csrf = '';

  #jar(url) {
    const { origin } = new URL(url);
    if (!this.#jars.has(origin)) this.#jars.set(origin, new Map());
    return this.#jars.get(origin);
  }

  /** The same cookies in another window. */
  copy() {
    const other = new Browser();
    for (const [origin, jar] of this.#jars) other.#jars.set(origin, new Map(jar));
    other.csrf = this.csrf;
    return other;
  }

  /** One request; answers {status, location, body}. */
  async send(url, { method = 'GET', body, headers = {} } = {}) {
    const jar = this.#jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie && { cookie }), ...(method !== 'GET' && { 'x-csrf-token': this.csrf }),
        ...(body && { 'content-type': 'application/json' }), ...headers,
      },
      body: body && JSON.stringify(body),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get('location');
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== '' && !text.includes('\n{');
    return {
      status: answer.status, location: location && new URL(location, url).href, body: isJson ? JSON.parse(text) : text,
    };
  }

  /** Follows redirects until there is none or `stop` says so; answers every URL it was sent to. */
  async follow(url, stop = () => false) {
    const trail = [];
    for (let next = url; next && trail.length < 20;) {
      trail.push(next);
      if (trail.length > 1 && stop(next)) return trail;
      const { location } = await this.send(next);
      next = location;
    }
    return trail;
  }

  /** Whoever is signed in at the dashboard; its CSRF token is kept. */
  async me(dashboard) {
    const { status, body } = await this.send(`${dashboard}/api/v1/me`);
    if (status !== 200) return undefined;
    this.csrf = body.item.csrf;
    return body.item;
  }
}

// A test part: a repository host in memory that speaks the paths and shapes of GitHub's REST API (2022-11-28) that the
// tracker uses. It keeps everything it was ever asked to make, so that what was made twice can be counted. The answer to
// some issues is lost after they are made, as a cut connection would lose it.

import { createHash } from 'node:crypto';
import http from 'node:http';

const sha = (text) => createHash('sha1').update(text).digest('hex');
const firstCommit = sha('first commit');
const firstTree = sha('first tree');

export class GithubServer {
  issues = [];
  pulls = [];
  comments = [];
  refs = new Map([['heads/main', firstCommit]]);
  #commits = new Map([[firstCommit, { tree: firstTree, parents: [], message: 'first' }]]);
  #trees = new Map([[firstTree, []]]);
  #server = http.createServer((req, res) => this.#take(req, res));
  #token;
  #loseEach;
  #answered = 0;
  lost = 0;

  /** Every `loseEach`th issue is made and not answered; 0: none. */
  constructor({ token, loseEach = 0 }) {
    this.#token = token;
    this.#loseEach = loseEach;
  }

  async listen() {
    await new Promise((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #take(req, res) {
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => this.#answer(req, res, Buffer.concat(parts).toString()));
  }

  #answer(req, res, text) {
    const url = new URL(req.url, this.url);
    const match = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(url.pathname);
    let status = 404;
    let body = { message: 'Not Found' };
    if (req.headers.authorization !== `Bearer ${this.#token}`) {
      [status, body] = [401, { message: 'Bad credentials' }];
    } else if (match) {
      const [, owner, name, rest = ''] = match;
      [status, body] = this.#serve(`${owner}/${name}`, req.method, rest, url.searchParams, text ? JSON.parse(text) : {});
    }
    if (status === 201 && this.#loseEach > 0 && /\/issues$/.test(url.pathname)) {
      this.#answered += 1;
      if (this.#answered % this.#loseEach === 0) {
        this.lost += 1;
        req.socket.destroy();
        return;
      }
    }
    res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    res.end(JSON.stringify(body));
  }

  #serve(repo, method, path, query, body) {
    const route = `${method} ${path}`;
    const page = (items) => {
      const size = Number(query.get('per_page') ?? 30);
      const number = Number(query.get('page') ?? 1);
      return [200, items.slice((number - 1) * size, number * size)];
    };
    const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z');
    if (route === 'GET ') return [200, { full_name: repo, default_branch: 'main' }];
    if (route === 'GET /issues') {
      return page(this.issues.filter((issue) => Date.parse(issue.updated_at) >= since).reverse());
    }
    if (route === 'POST /issues') return [201, this.#add(this.issues, `${this.url}/${repo}/issues`, body)];
    const comments = /^\/issues\/(\d+)\/comments$/.exec(path);
    if (comments) {
      const mine = this.comments.filter((comment) => comment.parent === comments[1]);
      if (method === 'GET') return page(mine);
      return [201, this.#add(this.comments, `${this.url}/${repo}/issues/${comments[1]}#c`, { ...body, parent: comments[1] })];
    }
    if (route === 'GET /pulls') {
      const branch = (query.get('head') ?? '').split(':')[1];
      return page(this.pulls.filter((pull) => pull.head.ref === branch));
    }
    if (route === 'POST /pulls') return this.#open(repo, body);
    return this.#git(method, path, body);
  }

  #add(list, base, body) {
    const number = list.length + 1;
    const now = new Date().toISOString();
    const made = { ...body, number, html_url: `${base}/${number}`, state: 'open', created_at: now, updated_at: now };
    list.push(made);
    return made;
  }

  #open(repo, body) {
    if (!this.refs.has(`heads/${body.head}`)) return [422, { message: 'Validation Failed', errors: [{ field: 'head' }] }];
    if (this.pulls.some((pull) => pull.head.ref === body.head)) {
      return [422, { message: 'Validation Failed', errors: [{ message: `A pull request already exists for ${body.head}.` }] }];
    }
    const commit = this.refs.get(`heads/${body.head}`);
    const given = { ...body, head: { ref: body.head, sha: commit }, base: { ref: body.base } };
    return [201, this.#add(this.pulls, `${this.url}/${repo}/pull`, given)];
  }

  #git(method, path, body) {
    const ref = /^\/git\/ref\/(heads\/.+)$/.exec(path);
    if (ref && method === 'GET') {
      const found = this.refs.get(decodeURIComponent(ref[1]));
      return found ? [200, { ref: `refs/${ref[1]}`, object: { type: 'commit', sha: found } }] : [404, { message: 'Not Found' }];
    }
    const object = /^\/git\/(commits|trees)\/([0-9a-f]{40})$/.exec(path);
    if (object && method === 'GET') {
      const [, kind, id] = object;
      if (kind === 'trees') return this.#trees.has(id) ? [200, { sha: id, tree: this.#trees.get(id) }] : [404, {}];
      const commit = this.#commits.get(id);
      if (!commit) return [404, {}];
      const parents = commit.parents.map((parent) => ({ sha: parent }));
      return [200, { sha: id, message: commit.message, tree: { sha: commit.tree }, parents }];
    }
    if (method !== 'POST') return [404, { message: 'Not Found' }];
    const id = sha(JSON.stringify([path, body]));
    if (path === '/git/blobs') return [201, { sha: id }];
    if (path === '/git/trees') {
      this.#trees.set(id, body.tree);
      return [201, { sha: id, tree: body.tree }];
    }
    if (path === '/git/commits') {
      this.#commits.set(id, { tree: body.tree, parents: body.parents ?? [], message: body.message });
      return [201, { sha: id, message: body.message, tree: { sha: body.tree }, parents: [] }];
    }
    if (path === '/git/refs') {
      const name = body.ref.replace(/^refs\//, '');
      if (this.refs.has(name)) return [422, { message: 'Reference already exists' }];
      this.refs.set(name, body.sha);
      return [201, { ref: body.ref, object: { type: 'commit', sha: body.sha } }];
    }
    return [404, { message: 'Not Found' }];
  }
}

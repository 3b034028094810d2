// Pages that are opened as files may start no workers, and the search of the site is one: here a
// hidden frame takes the worker's place. Served pages keep the browser's own.
(() => {
  if (location.protocol !== "file:") return;

  function load(...urls) {
    return urls.reduce(
      (before, url) =>
        before.then(
          () =>
            new Promise((resolve, reject) => {
              const script = document.createElement("script");
              script.src = url;
              script.onload = resolve;
              script.onerror = reject;
              document.body.appendChild(script);
            }),
        ),
      Promise.resolve(),
    );
  }

  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inside = this.frame.contentWindow;
      inside.document.write("<!doctype html><body></body>");
      inside.document.close();
      // What the worker says goes to its owner; only the frame's own document can load its scripts.
      inside.postMessage = (data) => this.hear(data);
      inside.eval(`window.importScripts = ${load}`);
      this.ready = inside.importScripts(String(url));
    }

    hear(data) {
      const message = new MessageEvent("message", { data });
      this.dispatchEvent(message);
      if (this.onmessage) this.onmessage(message);
    }

    postMessage(data) {
      this.ready.then(() => {
        const inside = this.frame.contentWindow;
        inside.dispatchEvent(new inside.MessageEvent("message", { data: structuredClone(data) }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  };
})();

const $ = id => document.getElementById(id);
const colours = ['#e6194b', '#0a84d8', '#d97a00', '#12805c', '#8f3fd1', '#b8860b', '#00838f', '#c2185b'];
const percent = value => `${(100 * value).toFixed(1)} %`;
let models = [], picture = null, answer = null, asked = 0;

function headers() {
  const key = sessionStorage.getItem('key');
  return key ? { Authorization: `Bearer ${key}` } : {};
}

function show(id, on) { $(id).hidden = !on; }

function fail(text) {
  $('error').textContent = text;
  show('error', true);
  show('result', false);
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: headers() });
  } catch {
    throw new Error('The server cannot be reached. Is it still running?');
  }
  const body = await response.json().catch(() => null);
  if (response.status === 401) { show('key-form', true); $('key').focus(); }
  if (!response.ok) throw new Error(sentence(body?.detail ?? `The server answered ${response.status}.`));
  return body;
}

function sentence(text) { return text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!]$/.test(text) ? '' : '.'); }

function chosen() { return models.find(model => model.name === $('model').value); }

function describe() {
  const model = chosen();
  $('about').textContent = model ? `${model.classes.length} classes, ${model.kind}` : '';
}

async function load() {
  try {
    models = (await ask('v1/models')).models;
    $('model').replaceChildren(...models.map(model => new Option(model.name, model.name)));
    describe();
    show('error', false);
    show('key-form', false);
    if (picture) look();
  } catch (error) { fail(error.message); }
}

async function take(file) {
  if (!file) return;
  const own = ++asked;
  let bitmap = null;
  // The browser may know fewer formats than the server, and the other way round; the server has the last word.
  try { bitmap = await createImageBitmap(file); } catch { }
  if (own !== asked) return;
  picture = { file, bitmap };
  answer = null;
  show('drop', false);
  show('shown', true);
  $('caption').textContent = file.name || 'pasted picture';
  draw();
  look();
}

async function look() {
  const own = ++asked, model = chosen();
  if (!model) return;
  show('error', false); show('hint', false); show('busy', true);
  try {
    const path = model.kind === 'detector' ? 'v1/detect?' : 'v1/classify?top=5&heatmap=true&';
    const body = await ask(`${path}model=${encodeURIComponent(model.name)}`, { method: 'POST', body: picture.file });
    if (own !== asked) return;
    answer = body.images[0];
    tell(model);
  } catch (error) {
    if (own === asked) { answer = null; show('heat-switch', false); fail(error.message); }
  }
  if (own === asked) { show('busy', false); draw(); }
}

function tell(model) {
  $('caption').textContent = `${picture.file.name || 'pasted picture'}, ${answer.width} × ${answer.height}`;
  const found = answer.objects?.sort((a, b) => (b.probability ?? b.score) - (a.probability ?? a.score)), rows = found ?? answer.classes;
  if (found) {
    $('headline').textContent = found.length === 0 ? 'Nothing found' : found.length === 1 ? 'One object' : `${found.length} objects`;
    $('list').replaceChildren(...found.map(own => row(own.class, own.probability ?? own.score, own.probability, colour(model, own.class))));
    $('note').textContent = found.length === 0 ? 'Nothing is at least as likely as not to be one of the classes.' : '';
  } else {
    $('headline').textContent = rows[0].name;
    $('list').replaceChildren(...rows.map(own => row(own.name, own.probability, own.probability)));
    const heat = answer.heatmap;
    $('note').textContent = !heat ? '' : heat.kind === 'class' ? `Evidence shows what speaks for “${heat.class}”.` : 'Evidence shows where the network responds most.';
  }
  show('heat-switch', Boolean(answer.heatmap));
  show('result', true);
  $('canvas').setAttribute('aria-label', `The picture: ${$('headline').textContent}`);
}

function row(name, value, share, swatch) {
  const item = document.createElement('li'), label = document.createElement('span'), number = document.createElement('span');
  label.className = 'name'; number.className = 'value';
  if (swatch) {
    const mark = document.createElement('span');
    mark.className = 'swatch'; mark.style.background = swatch;
    label.append(mark);
  }
  label.append(name);
  number.textContent = share == null ? value.toFixed(2) : percent(value);
  item.append(label, number);
  if (share != null) {
    const track = document.createElement('span'), bar = document.createElement('span');
    track.className = 'track'; bar.className = 'bar';
    bar.style.width = percent(Math.max(0.004, share)).replace(' ', '');
    if (swatch) bar.style.background = swatch;
    track.append(bar);
    item.append(track);
  }
  return item;
}

function colour(model, name) { return colours[Math.max(0, model.classes.indexOf(name)) % colours.length]; }

function draw() {
  const canvas = $('canvas'), context = canvas.getContext('2d');
  if (!picture) return;
  const bitmap = picture.bitmap;
  // Large photographs are drawn no larger than a screen shows.
  const width = answer?.width ?? bitmap?.width ?? 640, height = answer?.height ?? bitmap?.height ?? 360, scale = Math.min(4, Math.max(1, 640 / Math.max(width, height)), 1600 / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  if (bitmap) context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  else {
    context.fillStyle = '#8a94a0';
    context.textAlign = 'center';
    context.font = '18px system-ui, sans-serif';
    context.fillText('This browser cannot show the file.', canvas.width / 2, canvas.height / 2, canvas.width);
  }
  if (!answer) return;
  if (answer.heatmap && $('heat').checked) drawHeat(context, answer.heatmap, scale);
  // The surest lie on top.
  const found = [...(answer.objects ?? [])].reverse(), labels = [];
  for (const own of found) drawBox(context, own, scale, canvas);
  for (const own of found.reverse()) drawLabel(context, own, scale, canvas, labels);
}

// The outermost values reach on over the picture's borders, where the map ends before them.
function drawHeat(context, heat, scale) {
  const columns = heat.columns + 2, rows = heat.rows + 2, map = new OffscreenCanvas(columns, rows), inside = map.getContext('2d'), pixels = inside.createImageData(columns, rows);
  const within = (at, count) => Math.min(count - 1, Math.max(0, at - 1));
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const value = heat.values[within(y, heat.rows) * heat.columns + within(x, heat.columns)];
      pixels.data.set([...warm(value), Math.round(190 * value)], 4 * (y * columns + x));
    }
  inside.putImageData(pixels, 0, 0);
  const cellWidth = heat.width / heat.columns, cellHeight = heat.height / heat.rows;
  context.save();
  context.fillStyle = 'rgba(10, 14, 22, 0.5)';
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(map, (heat.x - cellWidth) * scale, (heat.y - cellHeight) * scale, (heat.width + 2 * cellWidth) * scale, (heat.height + 2 * cellHeight) * scale);
  context.restore();
}

// Violet over red to yellow, lighter throughout, so that it reads without colours too.
function warm(value) {
  const stops = [[74, 20, 140], [190, 30, 110], [240, 90, 40], [255, 225, 90]], at = Math.min(2.999, value * 3), i = Math.floor(at), part = at - i;
  return stops[i].map((low, c) => Math.round(low + (stops[i + 1][c] - low) * part));
}

function drawBox(context, own, scale, canvas) {
  const paint = colour(chosen(), own.class), line = Math.max(2, Math.round(canvas.width / 300)), x = own.box.x * scale, y = own.box.y * scale, width = own.box.width * scale, height = own.box.height * scale;
  context.lineWidth = line + 2; context.strokeStyle = 'rgba(0, 0, 0, 0.5)';
  context.strokeRect(x, y, width, height);
  context.lineWidth = line; context.strokeStyle = paint;
  context.strokeRect(x, y, width, height);
}

// Above the box, or where another label lies below it, or inside.
function drawLabel(context, own, scale, canvas, labels) {
  const size = Math.max(13, Math.round(canvas.width / 45)), text = own.probability == null ? `${own.class} ${own.score.toFixed(2)}` : `${own.class} ${Math.round(100 * own.probability)} %`;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const wide = context.measureText(text).width + size * 0.8, tall = size * 1.5, line = Math.max(2, Math.round(canvas.width / 300));
  const top = own.box.y * scale, bottom = top + own.box.height * scale, left = Math.max(0, Math.min(own.box.x * scale - line / 2, canvas.width - wide));
  const free = y => y >= 0 && y + tall <= canvas.height && labels.every(other => left >= other.left + other.wide || other.left >= left + wide || y >= other.y + tall || other.y >= y + tall);
  const y = [top - tall, bottom, top, bottom - tall].find(free) ?? Math.max(0, top - tall);
  labels.push({ left, wide, y });
  context.fillStyle = colour(chosen(), own.class);
  context.fillRect(left, y, wide, tall);
  context.fillStyle = '#ffffff';
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillText(text, left + size * 0.4, y + tall / 2);
}

function pictureIn(transfer) { return [...(transfer?.files ?? [])][0]; }

$('file').addEventListener('change', event => { take(event.target.files[0]); event.target.value = ''; });
$('another').addEventListener('click', () => $('file').click());
$('heat').addEventListener('change', draw);
$('model').addEventListener('change', () => { describe(); if (picture) look(); });
$('key-form').addEventListener('submit', event => { event.preventDefault(); sessionStorage.setItem('key', $('key').value); load(); });
document.addEventListener('dragover', event => { event.preventDefault(); document.body.classList.add('over'); });
document.addEventListener('dragleave', event => { if (!event.relatedTarget) document.body.classList.remove('over'); });
document.addEventListener('drop', event => { event.preventDefault(); document.body.classList.remove('over'); take(pictureIn(event.dataTransfer)); });
document.addEventListener('paste', event => take(pictureIn(event.clipboardData)));
load();

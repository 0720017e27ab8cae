using System.Buffers;
using System.Collections;
using System.Runtime.ExceptionServices;

namespace IlgpuSpp.Data;

/// <summary>
/// Delivers a data set in batches, epoch by epoch, made ahead by its own threads. The order of an epoch follows from the
/// seed and the epoch, a sample's augmentation from the seed, the epoch and the sample's number, so an epoch can begin at
/// any batch and is the same at any number of threads. Batches are reused: in the steady state nothing is allocated
/// but what decoding needs.
/// </summary>
/// <remarks>
/// Threads take single samples of the batches in order; a batch that is complete waits for its turn. At most
/// <see cref="LoaderOptions.PrefetchedBatches"/> + 1 batches exist, one of them with the consumer. One epoch runs at a time.
/// </remarks>
internal sealed class BatchLoader : IDisposable
{
    private readonly LoaderOptions _options;
    private readonly ISampleTransform _transform;
    private readonly Batch[] _batches;
    private readonly Thread[] _threads;
    private readonly int[] _order;
    private readonly object _gate = new();

    // All below is guarded by _gate. Batch n lives in _batches[n % length], free once batch n − length is given back.
    private int _epoch, _size, _nextBatch, _nextRow, _endBatch, _givenBack, _rowsInWork;
    private bool _running, _stopping, _abandoned;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Creates the loader and its threads, which sleep until an epoch begins.</summary>
    /// <param name="images">The prepared images; may be shared with other loaders.</param>
    /// <param name="transform">What is done to every sample.</param>
    /// <param name="options">How it works.</param>
    /// <exception cref="DatasetException">The data set has no samples.</exception>
    public BatchLoader(PreparedImages images, ISampleTransform transform, LoaderOptions? options = null)
    {
        _options = (options ?? new LoaderOptions()).Checked();
        _transform = transform;
        Images = images;
        if (images.Count == 0) throw new DatasetException(images.Dataset.Name, "has no samples to load; check the split.");
        BatchesPerEpoch = (images.Count - 1) / _options.BatchSize + 1;

        _order = new int[images.Count];
        _batches = new Batch[_options.PrefetchedBatches + 1];
        for (int i = 0; i < _batches.Length; i++) _batches[i] = new Batch();
        _threads = new Thread[_options.Threads];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"ilgpuspp loader {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>The prepared images; their failures say what was skipped.</summary>
    public PreparedImages Images { get; }

    /// <summary>Batches of a whole epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>
    /// The batches of an epoch, from a given one on. A batch is given back when the next is asked for or the enumeration
    /// ends; ending it early stops the threads' work for this epoch.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="size">Side of the inputs in pixels.</param>
    /// <param name="firstBatch">The first batch wanted: where an interrupted epoch goes on.</param>
    /// <param name="cancellation">Ends the wait for a batch at once, even where reading an image never ends.</param>
    /// <exception cref="UndecodableImagesException">Too many images cannot be decoded (thrown while enumerating).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled (thrown while enumerating).</exception>
    /// <exception cref="InvalidOperationException">Another epoch of this loader is being enumerated (thrown while enumerating).</exception>
    public IEnumerable<Batch> Epoch(int epoch, int size, int firstBatch = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        return new EpochBatches(this, epoch, size, firstBatch, cancellation);
    }

    /// <summary>Sample numbers in the order of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public int[] OrderOf(int epoch)
    {
        int[] order = new int[_order.Length];
        WriteOrder(epoch, order);
        return order;
    }

    /// <summary>
    /// Stops the threads. An epoch being enumerated ends with an <see cref="ObjectDisposedException"/>. After a cancelled
    /// wait the threads are not waited for: each ends by itself after the image that it is reading.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        if (_abandoned) return;
        foreach (Thread thread in _threads) thread.Join();
    }

    private void WriteOrder(int epoch, int[] order)
    {
        for (int i = 0; i < order.Length; i++) order[i] = i;
        if (_options.Shuffle) new RandomStream(new RandomKey(_options.Seed, DataStreams.Order, (uint)epoch)).Shuffle<int>(order);
    }

    private void Begin(int epoch, int size, int firstBatch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_running) throw new InvalidOperationException("The loader is delivering another epoch; end that enumeration first.");
            while (_rowsInWork > 0) Monitor.Wait(_gate);
            _abandoned = false;
            WriteOrder(epoch, _order);
            (_epoch, _size, _nextBatch, _nextRow, _endBatch, _givenBack) = (epoch, size, firstBatch, 0, BatchesPerEpoch, firstBatch);
            _failure = null;
            _running = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void End(CancellationToken cancellation)
    {
        lock (_gate)
        {
            _running = false;
            while (_rowsInWork > 0 && !cancellation.IsCancellationRequested) Monitor.Wait(_gate);
            _abandoned = _rowsInWork > 0;
        }
    }

    private Batch Take(int number, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _givenBack = number;
            Monitor.PulseAll(_gate);
            Batch batch = _batches[number % _batches.Length];
            while (true)
            {
                ObjectDisposedException.ThrowIf(_stopping, this);
                cancellation.ThrowIfCancellationRequested();
                bool begun = number < _nextBatch || (number == _nextBatch && _nextRow > 0);
                if (begun && batch.Remaining == 0) return batch;
                _failure?.Throw();
                Monitor.Wait(_gate);
            }
        }
    }

    private void Work()
    {
        while (true)
        {
            Batch batch;
            int row;
            lock (_gate)
            {
                while (!_stopping && !HasWork) Monitor.Wait(_gate);
                if (_stopping) return;
                batch = _batches[_nextBatch % _batches.Length];
                row = _nextRow;
                if (row == 0 && !TryBegin(batch)) continue;
                if (batch.Size == 0)
                {
                    _nextBatch++;
                    Monitor.PulseAll(_gate);
                    continue;
                }
                _nextRow++;
                if (_nextRow == batch.Size)
                {
                    _nextRow = 0;
                    _nextBatch++;
                }
                _rowsInWork++;
            }

            ExceptionDispatchInfo? failure = null;
            try
            {
                Fill(batch, row);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e); // thrown again in the consumer
            }

            lock (_gate)
            {
                _rowsInWork--;
                if (failure is null) batch.Remaining--;
                else _failure ??= failure;
                if (batch.Remaining == 0 || failure is not null || _rowsInWork == 0) Monitor.PulseAll(_gate);
            }
        }
    }

    private bool TryBegin(Batch batch)
    {
        try
        {
            batch.Begin(_epoch, _nextBatch, new Shape(RowsOf(_nextBatch), _size, _size, 3));
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ArgumentException)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
            Monitor.PulseAll(_gate);
            return false;
        }
    }

    private bool HasWork => _running && _failure is null && _nextBatch < _endBatch && _nextBatch < _givenBack + _batches.Length;

    private int RowsOf(int batch)
    {
        int rows = _options.Rows > 0 ? _options.Rows : _options.BatchSize - _options.FirstRow;
        return _options.PadLastBatch ? rows : Math.Clamp(_order.Length - batch * _options.BatchSize - _options.FirstRow, 0, rows);
    }

    private void Fill(Batch batch, int row)
    {
        int position = batch.Number * _options.BatchSize + _options.FirstRow + row;
        if (position >= _order.Length)
        {
            batch.ClearRow(row, index: -1);
            return;
        }

        int tries = _options.Undecodable == UndecodablePolicy.Replace ? _order.Length : 1;
        for (int i = 0; i < tries; i++)
        {
            int index = _order[(position + i) % _order.Length];
            if (Images.Find(index) is not { } image)
            {
                Images.CheckFailures(_options.MaxUndecodableShare);
                continue;
            }
            RandomKey key = DataStreams.Derive(new RandomKey(_options.Seed, DataStreams.Augmentation, (uint)batch.Epoch), index);
            _transform.Render(image, key, batch.Width, batch.ImageRow(row));
            batch.SetRow(row, Images.Dataset.Samples[index].Label, index);
            if (_options.Mixing is { } mixing) Mix(batch, row, position, mixing);
            return;
        }
        batch.ClearRow(row, _order[position]);
    }

    // The partner may be any image of the epoch, so that it depends neither on the rows of a batch nor on who delivers them. One that cannot be decoded leaves the row as it is.
    private void Mix(Batch batch, int row, int position, SampleMixing mixing)
    {
        RandomKey key = DataStreams.Derive(new RandomKey(_options.Seed, DataStreams.Mixing, (uint)batch.Epoch), position);
        var random = new RandomStream(key);
        int partner = _order[random.NextInt(_order.Length)];
        if (Images.Find(partner) is not { } image) return;
        Span<float> own = batch.ImageRow(row);
        float[] other = ArrayPool<float>.Shared.Rent(own.Length);
        try
        {
            Span<float> input = other.AsSpan(0, own.Length);
            _transform.Render(image, DataStreams.Derive(key, position), batch.Width, input);
            batch.MixRow(row, Images.Dataset.Samples[partner].Label, mixing.Mix(own, input, batch.Width, random));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(other);
        }
    }

    private sealed class EpochBatches(BatchLoader loader, int epoch, int size, int firstBatch, CancellationToken cancellation) : IEnumerable<Batch>
    {
        public IEnumerator<Batch> GetEnumerator()
        {
            using CancellationTokenRegistration wake = cancellation.Register(loader.WakeAll);
            loader.Begin(epoch, size, firstBatch);
            try
            {
                for (int number = firstBatch; number < loader.BatchesPerEpoch; number++) yield return loader.Take(number, cancellation);
            }
            finally
            {
                loader.End(cancellation);
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private void WakeAll()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}

using System.Security.Cryptography;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>
/// What the frozen layers of a network give of the images of a data set, a row an image and view: from memory up to a bound, else from the cache, else computed. Rows are
/// computed image by image, so that their bits depend on the image and the view alone. Not for several threads at a time.
/// </summary>
internal sealed class FrozenFeatures : IDisposable
{
    private readonly FrozenStem _stem;
    private readonly InputPreparation _preparation;
    private readonly FeatureCache? _cache;
    private readonly byte[]? _stemPrint;
    private readonly int _ahead;
    private readonly long _capacity;
    private readonly PassCache<NetworkPass> _passes;
    private readonly Dictionary<(int Index, FixedView View), float[]> _kept = [];
    private readonly Dictionary<FixedView, byte[]> _viewPrints = [];
    private readonly Dictionary<int, byte[]> _imagePrints = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>Creates the rows; nothing is computed yet.</summary>
    /// <param name="stem">The frozen layers.</param>
    /// <param name="images">The images, resized.</param>
    /// <param name="preparation">The rest of their preparation.</param>
    /// <param name="cache">Keeps rows for other runs; null for none.</param>
    /// <param name="memoryBytes">Most bytes of rows to keep.</param>
    /// <param name="threads">Threads that decode, at least 1.</param>
    public FrozenFeatures(FrozenStem stem, PreparedImages images, InputPreparation preparation, FeatureCache? cache, long memoryBytes, int threads)
    {
        (_stem, Images, _preparation, _capacity, _ahead) = (stem, images, preparation, memoryBytes, threads + 1);
        _stemPrint = cache is null ? null : stem.Fingerprint();
        _cache = _stemPrint is null ? null : cache;
        _passes = new PassCache<NetworkPass>(stem.Network.Backend, input => stem.Network.Plan(input, PassMode.Inference, stem.Stem), pass => pass.Bytes, maximumPasses: 4);
    }

    /// <summary>The images.</summary>
    public PreparedImages Images { get; }

    /// <summary>Rows that came from the cache.</summary>
    public int FromCache { get; private set; }

    /// <summary>The rows of images and views, in the order asked for; null for images that cannot be decoded. Images are decoded ahead.</summary>
    /// <param name="wanted">Samples and views.</param>
    /// <param name="cancellation">Ends the wait for an image.</param>
    public IEnumerable<float[]?> Rows(IEnumerable<(int Index, FixedView View)> wanted, CancellationToken cancellation)
    {
        var pending = new Queue<((int Index, FixedView View) Of, Task<Found> Found)>();
        using IEnumerator<(int Index, FixedView View)> next = wanted.GetEnumerator();
        bool more = true;
        while (true)
        {
            while (more && pending.Count < _ahead)
            {
                if (!(more = next.MoveNext())) break;
                (int Index, FixedView View) of = next.Current;
                pending.Enqueue((of, _kept.TryGetValue(of, out float[]? row) ? Task.FromResult(new Found(null, row, null, default)) : Task.Run(() => Find(of.Index, of.View), cancellation)));
            }
            if (!pending.TryDequeue(out ((int Index, FixedView View) Of, Task<Found> Found) first)) yield break;
            yield return Row(first.Of, first.Found.WaitAsync(cancellation).GetAwaiter().GetResult());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _passes.Dispose();

    private float[]? Row((int Index, FixedView View) of, Found found)
    {
        float[]? row = found.Row;
        if (found.Input is { } input)
        {
            NetworkPass pass = _passes.Get(found.Shape);
            pass.Input.Upload(input);
            pass.Forward();
            row = pass.Output.ToArray();
            if (found.Key is not null) _cache!.Write(found.Key, row);
        }
        else if (found.Key is not null)
        {
            FromCache++;
        }
        if (row is not null && _bytes + sizeof(float) * row.Length <= _capacity && _kept.TryAdd(of, row)) _bytes += sizeof(float) * row.Length;
        return row;
    }

    // On a thread of its own: the row that the cache has, else what the layers read.
    private Found Find(int index, FixedView view)
    {
        byte[]? key = _cache is null ? null : KeyOf(index, view);
        if (key is not null && _cache!.Read(key) is { } row) return new Found(key, row, null, default);
        if (Images.Find(index) is not { } image) return default;
        (float[] values, Shape shape) = view.Render(_preparation, image);
        return new Found(key, null, values, shape);
    }

    private byte[]? KeyOf(int index, FixedView view)
    {
        byte[]? image, shown;
        lock (_gate)
        {
            _imagePrints.TryGetValue(index, out image);
            if (!_viewPrints.TryGetValue(view, out shown)) _viewPrints.Add(view, shown = view.Fingerprint(_preparation));
        }
        if (image is null)
        {
            if ((image = ImagePrint(index)) is null) return null;
            lock (_gate) _imagePrints[index] = image;
        }
        return SHA256.HashData([.. _stemPrint!, .. shown, .. image]);
    }

    // Of the file where there is one, which need not be decoded for it; of the pixels elsewhere. Null where there is nothing to read.
    private byte[]? ImagePrint(int index)
    {
        if (Images.Dataset.Source is not FileImageSource files)
            return Images.Find(index) is { } drawn ? SHA256.HashData([.. BitConverter.GetBytes(drawn.Width), .. drawn.Pixels]) : null;
        try
        {
            using Stream file = files.Open(Images.Dataset.Samples[index].SourceIndex);
            return SHA256.HashData(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DataFormatException)
        {
            // Told, with all others, where the image is decoded.
            return null;
        }
    }

    private readonly record struct Found(byte[]? Key, float[]? Row, float[]? Input, Shape Shape);
}

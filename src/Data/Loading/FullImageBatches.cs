using System.Collections;

namespace IlgpuSpp.Data;

/// <summary>
/// The images of a data set whole, at their own aspect ratios, in batches of equal size: images wait until enough others
/// of exactly their prepared size have come. Every image that can be decoded comes once; <see cref="Batch.Indices"/> says
/// which is which. The batches depend on the images and the options alone. A batch holds until the next one is asked for.
/// </summary>
/// <param name="images">The prepared images; their smaller side is what the preparation says.</param>
/// <param name="options">Most images of a batch, threads, and what may be undecodable.</param>
/// <param name="pendingBytes">Most bytes of images waiting for others of their size; beyond, the fullest group is delivered incomplete.</param>
/// <param name="cancellation">Ends the wait for images at once, with an <see cref="OperationCanceledException"/>.</param>
internal sealed class FullImageBatches(PreparedImages images, LoaderOptions options, long pendingBytes = 256L << 20, CancellationToken cancellation = default) : IEnumerable<Batch>
{
    private const int ImagesAhead = 32;

    private readonly LoaderOptions _options = options.Checked();

    /// <summary>Enumerates the batches; every enumeration has its own memory.</summary>
    /// <exception cref="UndecodableImagesException">Too many images cannot be decoded.</exception>
    public IEnumerator<Batch> GetEnumerator()
    {
        var groups = new SortedDictionary<(int Height, int Width), List<(int Index, RgbImage Image)>>();
        var batch = new Batch();
        int number = 0;
        long pending = 0;
        Task<RgbImage?[]> ahead = Decode(0);
        for (int first = 0; first < images.Count; first += ImagesAhead)
        {
            RgbImage?[] decoded = ahead.WaitAsync(cancellation).GetAwaiter().GetResult();
            images.CheckFailures(_options.MaxUndecodableShare);
            ahead = Decode(first + ImagesAhead);
            for (int i = 0; i < decoded.Length; i++)
            {
                if (decoded[i] is not { } image) continue;
                (int Height, int Width) size = (image.Height, image.Width);
                if (!groups.TryGetValue(size, out List<(int, RgbImage)>? group)) groups.Add(size, group = []);
                group.Add((first + i, image));
                pending += image.Pixels.Length;
                if (group.Count == _options.BatchSize)
                {
                    yield return Render(batch, number++, group, ref pending);
                }
                else if (pending > pendingBytes)
                {
                    yield return Render(batch, number++, groups.Values.MaxBy(g => g.Count)!, ref pending);
                }
            }
        }
        foreach (List<(int, RgbImage)> group in groups.Values)
        {
            if (group.Count > 0) yield return Render(batch, number++, group, ref pending);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Task<RgbImage?[]> Decode(int first)
    {
        int count = Math.Clamp(images.Count - first, 0, ImagesAhead);
        return Task.Run(() =>
        {
            var decoded = new RgbImage?[count];
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads }, i => decoded[i] = images.Find(first + i));
            return decoded;
        });
    }

    private Batch Render(Batch batch, int number, List<(int Index, RgbImage Image)> group, ref long pending)
    {
        RgbImage first = group[0].Image;
        batch.Begin(epoch: 0, number, new Shape(group.Count, first.Height, first.Width, 3));
        for (int row = 0; row < group.Count; row++)
        {
            (int index, RgbImage image) = group[row];
            images.Preparation.WriteFull(image, flip: false, batch.ImageRow(row));
            batch.SetRow(row, images.Dataset.Samples[index].Label, index);
            pending -= image.Pixels.Length;
        }
        group.Clear();
        return batch;
    }
}

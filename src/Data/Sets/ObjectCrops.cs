using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>How crops are cut from images with marked objects. The defaults are the paper's for ILSVRC's DET (section 4.5) but for the number of crops, which it draws anew in every epoch.</summary>
public sealed record ObjectCropOptions
{
    /// <summary>The images' smaller side in pixels, to which they are resized first; at least <see cref="Crop"/>.</summary>
    public int MinSide { get; init; } = 400;

    /// <summary>Side of the crops in pixels, at least 1.</summary>
    public int Crop { get; init; } = 224;

    /// <summary>Smallest share of an object's box that its crops hold, above 0 and at most 1.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Crops of an object, at least 1.</summary>
    public int PerObject { get; init; } = 4;

    /// <summary>Share of the images whose crops validate, in (0, 1).</summary>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Seed of the places and of the images held out.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Crop, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinSide, Crop);
        ArgumentOutOfRangeException.ThrowIfLessThan(PerObject, 1);
        if (!(Share is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Share), Share, "The share of an object must be above 0 and at most 1.");
    }
}

/// <summary>What came of cutting crops.</summary>
/// <param name="Manifest">The list of the crops with their classes, as <see cref="ImageDataset.Open"/> reads it.</param>
/// <param name="Training">Crops to train on.</param>
/// <param name="Validation">Crops to validate on.</param>
/// <param name="TooLarge">Objects of which no crop holds enough.</param>
public sealed record ObjectCropResult(string Manifest, int Training, int Validation, int TooLarge);

/// <summary>
/// Makes a classification set of a set with boxes: square crops around its objects, each of the class of its object, to pre-train a network on the classes that it is to detect
/// (section 4.5). All places at which a crop holds the wanted share of the object are equally likely.
/// </summary>
public static class ObjectCrops
{
    private const string KeyFile = "crops.key";

    /// <summary>Cuts the crops, as PNG files under <c>train</c> and <c>val</c>, and lists them in <c>crops.csv</c>, which is written last. The same call again goes on where it was interrupted.</summary>
    /// <param name="data">The images. Difficult objects and crowds give no crops, images that cannot be read are left out with a warning.</param>
    /// <param name="folder">Where the crops go; created where missing, else empty or begun with the same data and options.</param>
    /// <param name="options">How to cut.</param>
    /// <param name="threads">Images worked on at a time.</param>
    /// <param name="logger">Receives the warnings.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="DatasetException">There are fewer than two images, no object gives crops to train on, or the folder holds something else.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ObjectCropResult Write(DetectionDataset data, string folder, ObjectCropOptions options, int threads = 1, ILogger? logger = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        options.Check();
        logger ??= NullLogger.Instance;
        string key = string.Create(CultureInfo.InvariantCulture, $"{options.MinSide} {options.Crop} {options.Share:R} {options.PerObject} {options.HeldOutShare:R} {options.Seed}\n{data.Fingerprint()}");
        BegunFolder.Begin(folder, KeyFile, key, "crops of these images with these options");
        HashSet<string> heldOut = [.. data.Split(options.HeldOutShare, options.Seed).HeldOut.Images.Select(image => image.Name)];
        foreach (string part in (ReadOnlySpan<string>)["train", "val"]) Directory.CreateDirectory(Path.Combine(folder, part));
        var crops = new List<(string File, int Label)>[data.Images.Count];
        int done = 0, tooLarge = 0;
        try
        {
            Parallel.For(0, crops.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
            {
                crops[i] = Cut(data, i, folder, heldOut.Contains(data.Images[i].Name) ? "val" : "train", options, logger, ref tooLarge);
                progress?.Report(Interlocked.Increment(ref done));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        var all = crops.SelectMany(own => own).ToList();
        var trained = all.Where(crop => IsTraining(crop.File)).Select(crop => crop.Label).ToHashSet();
        if (trained.Count == 0) throw new DatasetException(data.Name, FormattableString.Invariant($"shows no object of which a crop of {options.Crop} pixels holds {100 * options.Share:0.#} % where the smaller side is {options.MinSide}; choose a smaller side or a smaller share."));
        // What validates must have been trained on.
        all.RemoveAll(crop => !trained.Contains(crop.Label));
        string manifest = Path.Combine(folder, "crops.csv");
        CsvTable.Write(manifest, ["file", "class", "split"], all.Select(crop => new[] { crop.File, data.ClassNames[crop.Label], IsTraining(crop.File) ? "train" : "val" }));
        int training = all.Count(crop => IsTraining(crop.File));
        return new ObjectCropResult(manifest, training, all.Count - training, tooLarge);
    }

    private static bool IsTraining(string file) => file.StartsWith("train/", StringComparison.Ordinal);

    private static List<(string File, int Label)> Cut(DetectionDataset data, int index, string folder, string part, ObjectCropOptions options, ILogger logger, ref int tooLarge)
    {
        var result = new List<(string File, int Label)>();
        AnnotatedImage annotated = data.Images[index];
        if (annotated.Objects.All(item => item.Ignored)) return result;
        RgbImage image;
        try
        {
            image = data.Load(index);
            if ((image.Width, image.Height) != (annotated.Width, annotated.Height))
                throw new DataFormatException(null, $"it has {image.Width}x{image.Height} pixels, but its annotation speaks of {annotated.Width}x{annotated.Height}; mend the annotation");
            image = new InputPreparation { MinSide = options.MinSide, CropSize = options.Crop }.ResizeMinSide(image);
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            logger.LogWarning("{Image} gives no crops: {Reason}", annotated.Name, error is DataFormatException format ? format.Reason : error.Message);
            return result;
        }
        double across = (double)image.Width / annotated.Width, down = (double)image.Height / annotated.Height;
        for (int item = 0; item < annotated.Objects.Count; item++)
        {
            AnnotatedObject own = annotated.Objects[item];
            if (own.Ignored) continue;
            var box = new PixelRegion(own.Box.Left * across, own.Box.Top * down, (own.Box.Right + 1 - own.Box.Left) * across, (own.Box.Bottom + 1 - own.Box.Top) * down);
            var random = new RandomStream(DataStreams.Derive(new RandomKey(options.Seed, DataStreams.ObjectCrops, (uint)index), item));
            if (!TryPlace(image.Width, image.Height, box, options, random, out PixelRegion region))
            {
                Interlocked.Increment(ref tooLarge);
                continue;
            }
            for (int crop = 0; ; )
            {
                string file = string.Create(CultureInfo.InvariantCulture, $"{part}/{index:D6}-{item}-{crop}.png");
                string path = Path.Combine(folder, file);
                if (!File.Exists(path)) ImageWriter.WritePng(path, Region(image, (int)region.X, (int)region.Y, options.Crop));
                result.Add((file, own.Label));
                if (++crop == options.PerObject) break;
                TryPlace(image.Width, image.Height, box, options, random, out region);
            }
        }
        return result;
    }

    /// <summary>A place where a crop holds the wanted share of an object, drawn evenly among all whole-pixel ones.</summary>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="box">The object.</param>
    /// <param name="options">Side of the crop and the share.</param>
    /// <param name="random">Draws.</param>
    /// <param name="place">The crop.</param>
    /// <returns>False where there is no such place.</returns>
    internal static bool TryPlace(int width, int height, PixelRegion box, ObjectCropOptions options, RandomStream random, out PixelRegion place)
    {
        int crop = options.Crop;
        double wanted = options.Share * box.Width * box.Height * (1 - 1e-9);
        // What a crop holds across rises to a plateau and falls again, so that the places of a row are one after the other.
        var rows = new (int First, int Count)[height - crop + 1];
        long all = 0;
        for (int y = 0; y < rows.Length; y++)
        {
            double down = Shared(y, box.Y, box.Height);
            int first = 0, last = width - crop;
            while (first <= last && Shared(first, box.X, box.Width) * down < wanted) first++;
            while (last > first && Shared(last, box.X, box.Width) * down < wanted) last--;
            rows[y] = (first, Math.Max(0, last - first + 1));
            all += rows[y].Count;
        }
        place = default;
        if (all == 0) return false;
        int drawn = random.NextInt((int)all), row = 0;
        for (; drawn >= rows[row].Count; row++) drawn -= rows[row].Count;
        place = new PixelRegion(rows[row].First + drawn, row, crop, crop);
        return true;

        double Shared(int from, double start, double length) => Math.Max(0, Math.Min(from + crop, start + length) - Math.Max(from, start));
    }

    private static RgbImage Region(RgbImage image, int left, int top, int side)
    {
        var result = new RgbImage(side, side);
        for (int y = 0; y < side; y++) image.Row(top + y).Slice(3 * left, 3 * side).CopyTo(result.Row(y));
        return result;
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// What a test has found so far, image by image, in a file: a test that was stopped or killed goes on with the first image that is missing. The file's name and first
/// line have a hash of the models' files, the method that finds windows, the annotations and the options, so that different tests keep different files. A line that was not finished is computed again. A file that cannot be
/// written costs time, not results.
/// </summary>
public sealed class DetectionJournal : IDisposable
{
    private const int NumbersOfAnImage = 8, NumbersOfABox = 6, DigitsInName = 8;

    // Lines are numbers without white space.
    private static readonly JsonTypeInfo<double[]> LineJson = new DetectionJson(new JsonSerializerOptions()).DoubleArray;

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Dictionary<int, ImageDetections> _found = [];
    private FileStream? _stream;

    /// <summary>Opens the journal of a test.</summary>
    /// <param name="folder">Where the file is made.</param>
    /// <param name="detector">The detector.</param>
    /// <param name="data">The images.</param>
    /// <param name="options">How detections are chosen.</param>
    /// <param name="logger">Is warned of a file that cannot be written.</param>
    /// <exception cref="IOException">The detector's file cannot be read.</exception>
    public DetectionJournal(string folder, Detector detector, DetectionDataset data, DetectionOptions options, ILogger? logger = null)
    {
        _logger = logger ?? NullLogger.Instance;
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', detector.Fingerprint(), detector.Proposals.Fingerprint, data.Fingerprint(), JsonSerializer.Serialize(options, DetectionJson.Default.DetectionOptions)));
        string hash = Convert.ToHexStringLower(SHA256.HashData(text));
        byte[] head = Encoding.ASCII.GetBytes(hash + "\n");
        _path = Path.Combine(folder, $"test-{hash[..DigitsInName]}.partial");
        try
        {
            _stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            _stream.SetLength(Read(_stream, head));
            if (_stream.Length == 0) _stream.Write(head);
            _stream.Seek(0, SeekOrigin.End);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GiveUp(error);
        }
    }

    /// <summary>Images that are finished.</summary>
    public int Count => _found.Count;

    /// <summary>What was found in an image, or null where it was not searched yet.</summary>
    /// <param name="image">Position of the image in its data set.</param>
    public ImageDetections? Find(int image) => _found.GetValueOrDefault(image);

    /// <summary>Keeps what was found in an image.</summary>
    /// <param name="image">Position of the image in its data set.</param>
    /// <param name="found">What was found.</param>
    public void Add(int image, ImageDetections found)
    {
        _found[image] = found;
        if (_stream is null) return;
        DetectionTimes times = found.Times;
        double[] numbers =
        [
            image, times.Reading, times.Proposals, times.Convolutions, times.FullyConnected, found.Recall.Objects, found.Recall.ByAll, found.Recall.ByKept,
            .. found.Boxes.SelectMany(box => (double[])[box.Label, box.Score, box.Box.Left, box.Box.Top, box.Box.Right, box.Box.Bottom]),
        ];
        try
        {
            _stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(numbers, LineJson), (byte)'\n']);
            _stream.Flush();
        }
        catch (IOException error)
        {
            GiveUp(error);
        }
    }

    /// <summary>Removes the file, as a finished test needs it no more.</summary>
    public void Remove()
    {
        // Without the stream the file is another process's, or was never made.
        if (_stream is null) return;
        Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path}: cannot be removed ({Reason}); delete it by hand.", _path, error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    // Takes over the whole lines of this test; returns where they end.
    private long Read(Stream stream, byte[] head)
    {
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        if (!content.AsSpan().StartsWith(head)) return 0;
        int start = head.Length;
        for (int length; (length = content.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            if (Numbers(content.AsSpan(start, length)) is not { } numbers) break;
            int image = (int)numbers[0];
            var boxes = new List<ScoredBox>();
            for (int at = NumbersOfAnImage; at < numbers.Length; at += NumbersOfABox)
                boxes.Add(new ScoredBox(image, (int)numbers[at], numbers[at + 1], new PixelBox(numbers[at + 2], numbers[at + 3], numbers[at + 4], numbers[at + 5])));
            _found[image] = new ImageDetections(boxes, new DetectionTimes(numbers[1], numbers[2], numbers[3], numbers[4])) { Recall = new CascadeRecall((int)numbers[5], (int)numbers[6], (int)numbers[7]) };
        }
        return start;
    }

    private static double[]? Numbers(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LineJson) is { Length: >= NumbersOfAnImage } numbers && (numbers.Length - NumbersOfAnImage) % NumbersOfABox == 0 ? numbers : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void GiveUp(Exception error)
    {
        _logger.LogWarning("{Path}: what is found cannot be kept ({Reason}); a test that is stopped begins anew.", _path, error.Message);
        try
        {
            _stream?.Dispose();
        }
        catch (IOException)
        {
            // What was left to write does not fit either; that is said above.
        }
        _stream = null;
    }
}

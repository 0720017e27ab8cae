using System.Net;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;

namespace IlgpuSpp.Pretrained;

/// <summary>The package sources that the user's own NuGet configuration names, with its credentials and proxies.</summary>
internal sealed class PackageSources
{
    private readonly ISettings _settings;

    /// <summary>Reads the configuration as NuGet does: from a folder upwards, then the user's and the machine's.</summary>
    /// <param name="folder">The folder.</param>
    public PackageSources(string folder)
    {
        try
        {
            _settings = Settings.LoadDefaultSettings(folder);
        }
        catch (NuGetConfigurationException error)
        {
            throw new PretrainedException($"the configuration of package sources cannot be read: {error.Message.TrimEnd('.')}; mend nuget.config.", error);
        }
    }

    /// <summary>Copies a package from the first source that has it.</summary>
    /// <param name="network">Names the package.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="cancel">Stops the copy.</param>
    /// <exception cref="PretrainedException">No source gives it.</exception>
    public async Task DownloadAsync(PretrainedNetwork network, string file, CancellationToken cancel)
    {
        var version = NuGetVersion.Parse(network.Version);
        PackageSourceMapping mapping = PackageSourceMapping.GetPackageSourceMapping(_settings);
        IReadOnlyList<string>? allowed = mapping.IsEnabled ? mapping.GetConfiguredPackageSources(network.Package) : null;
        PackageSource[] sources = [.. new PackageSourceProvider(_settings).LoadPackageSources().Where(source => source.IsEnabled && allowed?.Contains(source.Name) != false)];
        if (sources.Length == 0) throw new PretrainedException($"no package source is configured for {network.Package}; add one with 'dotnet nuget add source'.");
        PretrainedException? refused = null;
        foreach (PackageSource source in sources)
        {
            try
            {
                using var cache = new SourceCacheContext { NoCache = true, DirectDownload = true };
                FindPackageByIdResource? packages = await Repository.Factory.GetCoreV3(source).GetResourceAsync<FindPackageByIdResource>(cancel).ConfigureAwait(false);
                await using FileStream target = File.Create(file);
                if (packages is not null && await packages.CopyNupkgToStreamAsync(network.Package, version, target, cache, NullLogger.Instance, cancel).ConfigureAwait(false)) return;
            }
            catch (Exception error) when (error is FatalProtocolException or HttpRequestException or TimeoutException or IOException && !DiskErrors.Is(error))
            {
                refused ??= Refusal(network, source, error);
            }
        }
        throw refused ?? new PretrainedException($"{network.Package} {network.Version} is in none of the package sources ({string.Join(", ", sources.Select(source => source.Name))}); add one that has it with 'dotnet nuget add source'.");
    }

    private static PretrainedException Refusal(PretrainedNetwork network, PackageSource source, Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
            if (cause is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired })
                return new PretrainedException($"the package source '{source.Name}' asks for credentials; give them with 'dotnet nuget update source {source.Name} --username NAME --password SECRET' and pull {network.Name} again.", error);
        return new PretrainedException($"the package source '{source.Name}' cannot be reached, and {network.Name} is not in the cache; check the network or the sources in nuget.config, then pull again.", error);
    }
}

/// <summary>Tells an error of the disk from one of the network.</summary>
internal static class DiskErrors
{
    // No space, file too large, quota (errno 28, 27, 122); the disk is full on Windows (112 and 39, as HRESULT).
    private static readonly int[] Full = [28, 27, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    public static bool Is(Exception error) => IsFull(error) || Any(error, cause => cause is UnauthorizedAccessException);

    public static bool IsFull(Exception error) => Any(error, cause => cause is IOException && Full.Contains(cause.HResult));

    private static bool Any(Exception error, Func<Exception, bool> holds)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
            if (holds(cause)) return true;
        return false;
    }
}

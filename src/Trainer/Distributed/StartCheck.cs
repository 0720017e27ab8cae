using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Distributed;
using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Training.Distributed;

/// <summary>Compares what has to be alike on all ranks before the first step.</summary>
internal static class StartCheck
{
    private const int HashBytes = 32;

    /// <summary>Refuses ranks that would not compute the same.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="model">The model, with the weights it starts from.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="train">The training images.</param>
    /// <param name="validation">The validation images.</param>
    /// <exception cref="DistributedException">Something differs; the message names it and the first rank.</exception>
    public static void Check(ICollective ranks, Model model, TrainerOptions options, ImageDataset train, ImageDataset validation)
    {
        if (ranks.Size == 1) return;
        string version = typeof(StartCheck).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        DeviceDescription device = model.Backend.Device;
        Compare(ranks,
        [
            ("the program's version", Of(version)),
            ("the data (classes, names or labels of the images); give all the same folder, or copies of it", Of(DataDescription.Of(train, validation).Fingerprint)),
            ("the options of the training; start all with the same command", Of(RunJson.Write(options with { LoaderThreads = 0 }))),
            ("the device or its vectors; use machines alike, or --deterministic-exact", Of(model.Backend.DeterministicExact ? "exact" : $"{device.Name.Split(':')[0]} {SimdSupport.Widest}")),
            ("the weights to start from; give all the same file", OfWeights(model)),
        ]);
    }

    /// <summary>Refuses a run whose checkpoint is not the same file to all ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="file">The checkpoint.</param>
    /// <exception cref="DistributedException">A rank does not see it, or another one.</exception>
    public static void CheckCheckpoint(ICollective ranks, string file)
    {
        if (ranks.Size == 1) return;
        byte[] hash = new byte[HashBytes];
        if (File.Exists(file))
        {
            using FileStream stream = File.OpenRead(file);
            hash = SHA256.HashData(stream);
        }
        Compare(ranks, [($"the checkpoint {file}; put the run's folder where all machines see it, or copy it to each", hash)]);
    }

    private static void Compare(ICollective ranks, (string Name, byte[] Hash)[] things)
    {
        byte[] all = new byte[ranks.Size * things.Length * HashBytes];
        ranks.AllGather(things.SelectMany(thing => thing.Hash).ToArray(), all);
        for (int i = 0; i < things.Length; i++)
            for (int rank = 1; rank < ranks.Size; rank++)
                if (!Hash(rank, i).SequenceEqual(Hash(0, i)))
                    throw new DistributedException($"rank {rank} on {ranks.Hosts[rank]} differs from rank 0 on {ranks.Hosts[0]} in {things[i].Name}.");

        ReadOnlySpan<byte> Hash(int rank, int thing) => all.AsSpan((rank * things.Length + thing) * HashBytes, HashBytes);
    }

    private static byte[] Of(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static byte[] OfWeights(Model model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in model.Network.Parameters) hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(parameter.Value.ToArray().AsSpan()));
        return hash.GetHashAndReset();
    }
}

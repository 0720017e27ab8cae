using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Fuzz;

/// <summary>What the kinds of model files share: a folder, a device, small networks.</summary>
internal abstract class ModelFileKind(string name, string extension) : FuzzKind
{
    public override string Name => name;

    public override string Extension => extension;

    protected TemporaryFolder Files { get; } = new();

    protected CpuBackend Cpu { get; } = new(new CpuOptions { Threads = 1 });

    public override void Dispose()
    {
        Cpu.Dispose();
        Files.Dispose();
        base.Dispose();
    }

    protected static Layer SmallLayers() => new Sequential(
        new Conv2d(3, 4, 3, pad: 1), new BatchNorm(4), new Relu(), new MaxPool2d(2, 2),
        new Conv2d(4, 4, 3, stride: 2, groups: 2), new LocalResponseNorm(new LrnGeometry(LrnRegion.AcrossChannels, 3, 1e-4f, 0.75f)), new SpatialPyramidPool(1, 2), new Linear(20, 6), new Dropout(0.5f), new Linear(6, 3));

    protected Model Small() => new(
        new ModelDescription { Architecture = "own", Options = new ModelOptions { Classes = 3, Pyramid = [1, 2] }, ClassNames = ["a", "b", "c"] }, SmallLayers(), Cpu, seed: 1);

    protected byte[] Saved(Model model, IReadOnlyList<NamedTensor>? extra = null)
    {
        using (model) ModelFile.Save(Files["seed.safetensors"], model, extra, new Dictionary<string, string> { ["note"] = "a \"note\"\n" });
        return File.ReadAllBytes(Files["seed.safetensors"]);
    }

    /// <summary>Splits a safetensors file at the end of its header.</summary>
    protected static (byte[] Header, byte[] Data) Split(byte[] file)
    {
        int length = file.Length < 8 ? 0 : (int)Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(file), 0, file.Length - 8);
        return (file[Math.Min(8, file.Length)..(Math.Min(8, file.Length) + length)], file[(Math.Min(8, file.Length) + length)..]);
    }

    protected static byte[] Join(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }
}

/// <summary>Files of tensors, opened and read whole.</summary>
internal sealed class SafetensorsKind : ModelFileKind
{
    public SafetensorsKind()
        : base("safetensors", ".safetensors")
    {
        Seeds =
        [
            Saved(Small(), [new NamedTensor("other", new Shape(2, 2), new float[4])]),
            Join("""{"h":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"BF16","shape":[],"data_offsets":[12,14]},"w":{"dtype":"F64","shape":[1],"data_offsets":[14,22]},"i":{"dtype":"I64","shape":[1],"data_offsets":[22,30]},"u":{"dtype":"U8","shape":[0,7],"data_offsets":[30,30]}}"""u8, new byte[30]),
        ];
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    protected override IReadOnlyList<string> Openers => ["[", "{\"a\":", "{\"__metadata__\":{", "\"", " "];

    public override bool Documents(Exception error) => error is ModelFormatException;

    public override void Read(byte[] file)
    {
        using SafetensorsFile tensors = SafetensorsFile.Open(Files.Write("input.safetensors", file));
        foreach (string name in tensors.Names)
        {
            long count = tensors.Count(name);
            if (count > file.Length) throw new InvalidDataException($"tensor '{name}' has {count} elements in a file of {file.Length} bytes");
            if (tensors.Type(name) is "F32" or "F16" or "BF16" or "F64" or "I32" or "I64") tensors.ReadFloats(name, new float[count]);
        }
    }

    protected override byte[] Damage(byte[] file, Random random, Mutator mutator)
    {
        if (random.Next(3) == 0) return mutator.Bytes(file);
        (byte[] header, byte[] data) = Split(file);
        return header.Length == 0 ? mutator.Bytes(file) : Join(mutator.Text(header), data);
    }
}

/// <summary>Models whose tensors are whole and whose description is damaged: options, classes, layers.</summary>
internal sealed class ModelKind : ModelFileKind
{
    private const string Metadata = "__metadata__";

    public ModelKind()
        : base("model", ".safetensors")
    {
        Seeds = [Saved(Small()), Saved(new Model(
            new ModelDescription { Architecture = "branches", Options = new ModelOptions { Classes = 2, Pyramid = [] } },
            new Sequential(new Conv2d(3, 4, 1), new Residual(new Sequential(new Conv2d(4, 4, 3, pad: 1), new Relu())), new Concat(new AveragePool2d(2, 1), new MaxPool2d(2, 1)), new GlobalAveragePool(), new Linear(8, 2)), Cpu, seed: 1))];
        // A network of the zoo by name alone, without its weights, is refused, however large it claims to be.
        Add(Zoo.Entries.Select(entry => Join(Encoding.UTF8.GetBytes($$"""{"{{Metadata}}":{"ilgpuspp.format":"1","ilgpuspp.architecture":"{{entry.Name}}","ilgpuspp.options":"{\"Classes\":3,\"Pyramid\":[1,2],\"PyramidRule\":\"Adaptive\"}","ilgpuspp.classes":"[]"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]} }"""), new byte[4])));
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    protected override IReadOnlyList<string> Openers => ["[", "{\"Layers\":[", "{\"a\":", "{\"$type\":\"sequential\",\"layers\":["];

    public override bool Documents(Exception error) => error is ModelFormatException;

    public override void Read(byte[] file)
    {
        using Model model = ModelFile.Load(Files.Write("input.safetensors", file), Cpu);
    }

    protected override byte[] Damage(byte[] file, Random random, Mutator mutator)
    {
        (byte[] header, byte[] data) = Split(file);
        Dictionary<string, JsonElement> entries;
        try
        {
            entries = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(header)!;
        }
        catch (JsonException)
        {
            // Only files given from outside are damaged here already.
            return mutator.Bytes(file);
        }
        if (!entries.TryGetValue(Metadata, out JsonElement metadata)) return mutator.Bytes(file);
        Dictionary<string, string> values = metadata.Deserialize<Dictionary<string, string>>()!;
        string[] keys = [.. values.Keys.Where(key => values[key].Length > 0)];
        for (int n = random.Next(4) == 0 ? 2 : 1; n > 0; n--)
        {
            string key = keys[random.Next(keys.Length)];
            if (random.Next(30) == 0) values.Remove(key);
            else values[key] = Encoding.UTF8.GetString(mutator.Text(Encoding.UTF8.GetBytes(values.GetValueOrDefault(key, "{}"))));
            if (values.GetValueOrDefault(key) is "") keys = [.. keys.Where(other => other != key)];
            if (keys.Length == 0) break;
        }
        entries[Metadata] = JsonSerializer.SerializeToElement(values);
        return Join(JsonSerializer.SerializeToUtf8Bytes(entries), data);
    }
}

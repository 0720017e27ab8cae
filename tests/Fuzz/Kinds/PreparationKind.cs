using System.Text;
using IlgpuSpp.Data;

namespace IlgpuSpp.Fuzz;

/// <summary>How a model wants its images, from its metadata.</summary>
internal sealed class PreparationKind : FuzzKind
{
    public override string Name => "preparation";

    public override string Extension => ".preparation";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Encoding.UTF8.GetBytes(new InputPreparation { MinSide = 56, CropSize = 48 }.ToJson()), "{}"u8.ToArray()];

    protected override IReadOnlyList<string> Openers => ["[", "{\"normalisation\":{", "{\"a\":"];

    public override bool Documents(Exception error) => error is DataFormatException;

    public override void Read(byte[] file) => InputPreparation.FromJson(Encoding.UTF8.GetString(file));
}

using IlgpuSpp.Training;

namespace IlgpuSpp.Trainer.Tests;

public sealed class TrainingMemoryTests
{
    [Fact]
    public void BytesOfABatch_AreThoseThatThePassPlans()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10 }, cpu, seed: 1);
        long perImage = TrainingMemory.BytesPerImage(model.Network, 64);
        using NetworkPass pass = model.Network.Plan(new Shape(8, 64, 64, 3), PassMode.Training);
        // Batch statistics do not grow with the batch.
        Assert.InRange(pass.Bytes, 0.99 * 8 * perImage, 8 * perImage);
    }

    [Fact]
    public void BytesOfABatch_ThatIsComputedAgain_AreLess()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using Model model = Zoo.Create("resnet18", new ModelOptions { Classes = 10 }, cpu, seed: 1);
        long perImage = TrainingMemory.BytesPerImage(model.Network, 64, recompute: true);
        using NetworkPass pass = model.Network.Plan(new Shape(4, 64, 64, 3), PassMode.Training, recompute: true);
        Assert.InRange(pass.Bytes, 0.98 * 4 * perImage, 4 * perImage);
        Assert.InRange(perImage, 0, 0.65 * TrainingMemory.BytesPerImage(model.Network, 64));
    }

    [Fact]
    public void Explain_NamesABatchThatFits()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10 }, cpu, seed: 1);
        var options = new TrainerOptions { Sizes = [64], BatchSize = 64 };
        long room = 3 * sizeof(float) * model.Network.ParameterCount + 20 * TrainingMemory.BytesPerImage(model.Network, 64);
        DeviceMemoryException explained = TrainingMemory.Explain(new DeviceMemoryException("cuda:0", 1 << 30, room / 2, room - room / 2), model, options);
        Assert.Contains("a batch of 20 would fit", explained.Message, StringComparison.Ordinal);
        explained = TrainingMemory.Explain(new DeviceMemoryException("cuda:0", 1 << 30, 1 << 20, 1 << 20), model, options);
        Assert.Contains("not even one image", explained.Message, StringComparison.Ordinal);
    }
}

using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The errors of a method's values as a blob, F64, only what there is: <c>sampling_standard_error</c> [n], <c>validation_standard_error</c>
/// [n], <c>interval</c> [n, 2] (95 %), <c>replicates</c> [blocks, n].
/// </summary>
static class EstimateBlob
{
    public static byte[] Write(Estimate estimate)
    {
        int n = estimate.Values.Count;
        var tensors = new List<Tensor>();
        if (estimate.IsSampled)
            tensors.Add(Tensor.OfDoubles("sampling_standard_error", [n], [.. estimate.SamplingErrors]));
        if (estimate.UsesValidation)
        {
            tensors.Add(Tensor.OfDoubles("validation_standard_error", [n], [.. estimate.ValidationErrors]));
            tensors.Add(Tensor.OfDoubles("replicates", [estimate.Replicates.Count, n], [.. estimate.Replicates.SelectMany(r => r)]));
        }
        if (estimate.HasInterval)
        {
            tensors.Add(Tensor.OfDoubles("interval", [n, 2],
                [.. Enumerable.Range(0, n).SelectMany(j => new[] { estimate.Interval(j)!.Value.Low, estimate.Interval(j)!.Value.High })]));
        }
        return SafetensorsWriter.Write(tensors);
    }

    public static Estimate Read(double[] values, byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        double[][] replicates = [];
        if (file.TryGet("replicates", out Tensor? stored))
        {
            double[] flat = stored.AsDoubles();
            replicates = [.. Enumerable.Range(0, (int)stored.Shape[0]).Select(b => flat[(b * values.Length)..((b + 1) * values.Length)])];
        }
        if (file.TryGet("sampling_standard_error", out Tensor? errors))
            return Estimate.Sampled(values, errors.AsDoubles(), replicates);
        return replicates.Length > 0 ? Estimate.FromValidation(values, replicates) : Estimate.WithoutInterval(values);
    }
}
